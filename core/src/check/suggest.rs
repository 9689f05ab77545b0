//! Suggestions for misspelt names.

/// What to say about an unknown name: the nearest known one, or the list of all.
pub(crate) fn help<S: AsRef<str>>(name: &str, known: &[S], plural: &str) -> String {
    if let Some(near) = nearest(name, known) {
        return format!("did you mean `{near}`?");
    }
    if known.is_empty() {
        return format!("there are no {plural} here");
    }
    let shown: Vec<String> =
        known.iter().take(12).map(|name| format!("`{}`", name.as_ref())).collect();
    let more = if known.len() > 12 { ", ..." } else { "" };
    format!("the {plural} are {}{more}", shown.join(", "))
}

/// The known name nearest to this one, if it is near enough to be meant.
pub(crate) fn nearest<'k, S: AsRef<str>>(name: &str, known: &'k [S]) -> Option<&'k str> {
    let length = name.chars().count();
    if length > 64 {
        return None;
    }
    let limit = (length / 3).max(1);
    known
        .iter()
        .map(|known| (distance(&name.to_lowercase(), &known.as_ref().to_lowercase()), known))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known.as_ref())
}

/// Levenshtein's distance, a swap of neighbours counting one (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replaced = last[j] + usize::from(a[i] != b[j]);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{help, nearest};

    #[test]
    fn the_nearest_name_is_found_and_far_ones_are_not() {
        assert_eq!(nearest("tua_m", &["tau_m", "tau_syn"]), Some("tau_m"));
        assert_eq!(nearest("Exc", &["inh", "exc"]), Some("exc"));
        assert_eq!(nearest("stimuli", &["inh", "exc"]), None);
        assert_eq!(nearest("x", &[] as &[&str]), None);
    }

    #[test]
    fn without_a_near_name_all_are_listed() {
        assert_eq!(help("q", &["inh", "exc"], "populations"), "the populations are `inh`, `exc`");
        assert_eq!(help("q", &[] as &[&str], "populations"), "there are no populations here");
    }
}
