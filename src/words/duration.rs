//! Working time as people write it: "2,5 часа", "2:30", "1 ч 20 м", "1h30".

/// Minutes an entry may have: a minute to a day.
pub const LIMITS: std::ops::RangeInclusive<i64> = 1..=1_440;

/// Reads a duration in minutes. Nothing when it cannot be one, or is not within [`LIMITS`].
///
/// A bare number is minutes, as on a stopwatch; with a decimal part it is hours ("2,5").
pub fn parse(text: &str) -> Option<i64> {
    let minutes = clock(text.trim()).or_else(|| words(&text.trim().to_lowercase()))?;
    LIMITS.contains(&minutes).then_some(minutes)
}

/// "2:30"
fn clock(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hours) || minutes.len() != 2 || !digits(minutes) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60).then_some(hours * 60 + minutes)
}

/// Numbers with their units, each unit once, hours before minutes; minutes may drop theirs after hours ("1h30").
fn words(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total = 0;
    let mut hours_seen = false;
    while !rest.is_empty() {
        let end = rest
            .find(|letter: char| !(letter.is_ascii_digit() || letter == '.' || letter == ','))
            .unwrap_or(rest.len());
        let (number, tail) = rest.split_at(end);
        let thousandths = thousandths(number)?;
        let tail = tail.trim_start();
        let end = tail.find(|letter: char| letter.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let unit = unit.trim().trim_end_matches('.');
        let whole = !number.contains(['.', ',']);
        match unit {
            "ч" | "час" | "часа" | "часов" | "г" | "год" | "години" | "година" | "годин" | "h" | "hr" | "hrs"
            | "hour" | "hours"
                if !hours_seen =>
            {
                total += thousandths * 60;
                hours_seen = true;
            }
            "м" | "мин" | "минута" | "минуты" | "минут" | "хв" | "хвилина" | "хвилини" | "хвилин" | "m" | "min"
            | "mins" | "minute" | "minutes"
                if whole && tail.is_empty() =>
            {
                total += thousandths;
            }
            "" if whole && tail.is_empty() => total += thousandths,
            "" if tail.is_empty() && !hours_seen => total += thousandths * 60,
            _ => return None,
        }
        rest = tail;
    }
    // Half a minute and more counts: people round so.
    (total > 0).then_some((total + 500) / 1_000)
}

/// "2,5" as 2500. At most three places.
fn thousandths(number: &str) -> Option<i64> {
    let (whole, part) = number.split_once([',', '.']).unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || whole.len() > 4
        || part.len() > 3
        || !digits(whole)
        || !digits(part)
        || number.ends_with([',', '.'])
    {
        return None;
    }
    Some(whole.parse::<i64>().ok()? * 1_000 + format!("{part:0<3}").parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn people_write_it_in_many_ways() {
        for (text, minutes) in [
            ("2,5 часа", 150),
            ("2.5", 150),
            ("2:30", 150),
            ("0:05", 5),
            ("1 ч 20 м", 80),
            ("1 ч. 20 мин.", 80),
            ("1h30", 90),
            ("1 h 30 min", 90),
            ("45", 45),
            ("45 хв", 45),
            ("1 год 20 хв", 80),
            ("1 година", 60),
            ("2 години", 120),
            ("0,25 ч", 15),
            ("24 ч", 1440),
            ("90 минут", 90),
            ("1 Час", 60),
        ] {
            assert_eq!(parse(text), Some(minutes), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "0",
            "0:00",
            "abc",
            "-1",
            "25 ч",
            "1441",
            "2:60",
            "1:2:3",
            "1 ч 1 ч",
            "20 м 1 ч",
            "1.2.3",
            "1,",
            "99999999999",
            "1 ч -5 м",
            "٣",
            "1e3",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
