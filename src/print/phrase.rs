//! Phrases that a print form sets by name, because they are shown elsewhere too.

use minijinja::{Environment, UndefinedBehavior};

use super::form::Form;

/// Steps that setting a phrase may take.
const FUEL: u64 = 10_000;
/// Letters that a phrase may have.
const LONGEST: usize = 4_000;

/// What a form says by `{% set name = "…" %}`. Nothing when it sets no such phrase, or one that depends on the document.
pub fn of(form: &Form, name: &str) -> Option<String> {
    let source = form.source()?;
    let begins = source.find(&format!("{{% set {name} ="))?;
    let rest = source.get(begins..)?;
    let setting = rest.get(..rest.find("%}")? + 2)?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    let text = environment.render_str(&format!("{setting}{{{{ {name} }}}}"), ()).ok()?;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (text.chars().count() <= LONGEST).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::print::form::Form;

    fn form(source: &str) -> Form {
        let empty = Form::empty("act.en.xml.j2".to_owned());
        empty.with_template(std::path::Path::new("."), "act.en.xml.j2", source.as_bytes()).unwrap()
    }

    #[test]
    fn what_is_set_by_name_is_found() {
        let said = |source: &str| of(&form(source), "no_claims");
        assert_eq!(
            said(r#"{% set no_claims = "No  claims\u00a0at all" %}<document/>"#).as_deref(),
            Some("No claims at all")
        );
        assert_eq!(said("<document/>"), None);
        assert_eq!(said(r#"{% set no_claims = words[currency] %}"#), None);
        assert_eq!(said(r#"{% set no_claims = "no end""#), None);
        assert_eq!(said(r#"{% set no_claims = "x" * 5000 %}"#), None);
    }
}
