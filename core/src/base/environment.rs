//! Variables of the environment. Each value is understood or refused; `docs/environment.md` lists
//! all variables of the project.

use std::ffi::OsStr;
use std::ops::RangeInclusive;

/// Reads a switch: `on`, `1`, `true`, `yes`, or `off`, `0`, `false`, `no`, in any case; `None`
/// where it is unset or empty.
///
/// Errors: any other value.
pub fn switch(name: &str) -> Result<Option<bool>, String> {
    read(name, |text| as_switch(text).map(Some).ok_or_else(|| "neither `on` nor `off`".to_owned()))
}

/// Reads a whole number; `None` where it is unset or empty.
///
/// Errors: no number, or one that is not allowed.
pub fn number(name: &str, allowed: RangeInclusive<u64>) -> Result<Option<u64>, String> {
    read(name, |text| match text.parse() {
        Ok(number) if allowed.contains(&number) => Ok(Some(number)),
        _ => Err(format!("no whole number from {} to {}", allowed.start(), allowed.end())),
    })
}

/// Reads a text without the blanks around it; `None` where it is unset or empty.
///
/// Errors: bytes that are no text.
pub fn text(name: &str) -> Result<Option<String>, String> {
    read(name, |text| Ok(Some(text.to_owned())))
}

/// The switch that a value is, if it is one.
pub(crate) fn as_switch(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "on" | "1" | "true" | "yes" => Some(true),
        "off" | "0" | "false" | "no" => Some(false),
        _ => None,
    }
}

fn read<T>(
    name: &str,
    understand: impl Fn(&str) -> Result<Option<T>, String>,
) -> Result<Option<T>, String> {
    std::env::var_os(name).map_or(Ok(None), |value| of_value(name, &value, understand))
}

fn of_value<T>(
    name: &str,
    value: &OsStr,
    understand: impl Fn(&str) -> Result<Option<T>, String>,
) -> Result<Option<T>, String> {
    let wrong = |why: String| format!("{name}={} is {why}", value.display());
    match value.to_str().map(str::trim) {
        None => Err(wrong("no text".to_owned())),
        Some("") => Ok(None),
        Some(text) => understand(text).map_err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switch_of(value: &str) -> Result<Option<bool>, String> {
        of_value("X", OsStr::new(value), |text| as_switch(text).map(Some).ok_or("odd".to_owned()))
    }

    #[test]
    fn a_switch_has_many_names_and_no_others() {
        for (values, expected) in [
            (["on", "1", "true", "YES", " On "], Some(true)),
            (["off", "0", "False", "no", "OFF"], Some(false)),
            (["", " ", "\t", "  ", "\n"], None),
        ] {
            for value in values {
                assert_eq!(switch_of(value), Ok(expected), "{value:?}");
            }
        }
        assert_eq!(switch_of("x"), Err("X=x is odd".to_owned()));
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_are_refused() {
        use std::os::unix::ffi::OsStrExt as _;
        let found = of_value("X", OsStr::from_bytes(b"\xff"), |_| Ok(Some(())));
        assert!(found.unwrap_err().ends_with("is no text"));
    }

    #[test]
    fn what_is_unset_is_none() {
        assert_eq!(switch("ISOSPIKE_NEVER_SET"), Ok(None));
        assert_eq!(number("ISOSPIKE_NEVER_SET", 1..=2), Ok(None));
        assert_eq!(text("ISOSPIKE_NEVER_SET"), Ok(None));
    }
}
