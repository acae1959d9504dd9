//! An address as those may see it who are not told it.

/// Its first letter and its domain: `m***@example.org`.
pub fn masked(address: &str) -> String {
    let (name, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}***@{domain}")
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn of_a_name_its_first_letter_is_left() {
        assert_eq!(masked("maria@example.org"), "m***@example.org");
        assert_eq!(masked("я@почта.рф"), "я***@почта.рф");
    }
}
