//! "Did you mean": the known name closest to an unknown one.

/// How many candidates are looked at. With thousands of known names and thousands of missing ones,
/// to compare all with all would take longer than the slips are worth.
pub(crate) const CANDIDATES_MAX: usize = 256;

/// The candidate that a slip of the hand would turn into `name`: the same but for case and
/// underscores, or at most a third of the letters (at least one) missing, added, changed or swapped
/// with the next one. Among equally close ones the first.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name: Vec<char> = name.chars().take(64).collect();
    let allowed = (name.len() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    let mut letters: Vec<char> = Vec::new();
    for candidate in candidates.into_iter().take(CANDIDATES_MAX) {
        letters.clear();
        letters.extend(candidate.chars().take(64));
        if letters.len().abs_diff(name.len()) > allowed {
            continue;
        }
        // Names of one letter are all one change apart; only the case can be a slip.
        let same = equal_but_for_spelling(&name, &letters);
        let distance = if same { 0 } else { distance(&name, &letters) };
        let close = same || (distance <= allowed && name.len().min(letters.len()) > 1);
        if close && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// `did you mean \`x\`?`, or `otherwise` where nothing is close.
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match closest(name, candidates) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => otherwise.into(),
    }
}

/// Returns whether two names differ in case and underscores only.
fn equal_but_for_spelling(a: &[char], b: &[char]) -> bool {
    let letters = |name: &[char]| -> Vec<char> {
        name.iter().filter(|c| **c != '_').map(char::to_ascii_lowercase).collect()
    };
    letters(a) == letters(b)
}

/// How many letters to insert, delete, change or swap with the neighbour to get from `a` to `b`.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + changed);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn slips_find_their_name() {
        let names = ["tau_m", "tau_syn", "v_th", "v_reset", "ms", "mS", "lif_exp", "lif_exp_2"];
        for (slip, name) in [
            ("tau_n", Some("tau_m")),
            ("tau_sny", Some("tau_syn")),
            ("V_reset", Some("v_reset")),
            ("vreset", Some("v_reset")),
            ("msec", None),
            ("q", None),
            ("MS", Some("ms")),
            ("lif_exp2", Some("lif_exp_2")),
            ("", None),
        ] {
            assert_eq!(closest(slip, names), name, "{slip}");
        }
    }
}
