//! Help for unknown names.

use crate::language::closest;

/// The nearest known name, or the list of all.
pub(crate) fn help<S: AsRef<str>>(name: &str, known: &[S], plural: &str) -> String {
    if let Some(near) = closest(name, known.iter().map(AsRef::as_ref)) {
        return format!("did you mean `{near}`?");
    }
    list(known, plural)
}

/// All known names, or the first of many.
pub(crate) fn list<S: AsRef<str>>(known: &[S], plural: &str) -> String {
    if known.is_empty() {
        return format!("there are no {plural} here");
    }
    let shown: Vec<String> =
        known.iter().take(12).map(|name| format!("`{}`", name.as_ref())).collect();
    let more = if known.len() > 12 { ", ..." } else { "" };
    format!("the {plural} are {}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::help;

    #[test]
    fn a_near_name_is_suggested_else_all_are_listed() {
        assert_eq!(help("ihn", &["inh", "exc"], "populations"), "did you mean `inh`?");
        assert_eq!(help("q", &["inh", "exc"], "populations"), "the populations are `inh`, `exc`");
        assert_eq!(help("q", &[] as &[&str], "populations"), "there are no populations here");
    }
}
