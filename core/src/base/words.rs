//! Counts of things in sentences.

/// Gives a count with its noun: `1 neuron`, `2 neurons`, `0 copies`.
pub fn count(number: impl Into<u128>, noun: &str) -> String {
    let number = number.into();
    format!("{number} {}", noun_of(number, noun))
}

/// Gives the noun that follows a count: the singular after 1, else its plural.
pub fn noun_of(number: impl Into<u128>, noun: &str) -> String {
    let letters = noun.as_bytes();
    match letters {
        _ if number.into() == 1 => noun.into(),
        [.., before, b'y'] if !b"aeiou".contains(before) => {
            format!("{}ies", &noun[..noun.len() - 1])
        }
        [.., b's' | b'x'] | [.., b'c' | b's', b'h'] => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// Lists the names of things that there are, after `there`.
pub fn known_names(known: &[String]) -> String {
    match known {
        [] => "is none".into(),
        [only] => format!("is `{only}`"),
        _ => format!("are `{}`", known.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_singular() {
        for (number, noun, words) in [
            (1_u32, "neuron", "1 neuron"),
            (0, "neuron", "0 neurons"),
            (2, "synapse", "2 synapses"),
            (1, "copy", "1 copy"),
            (3, "copy", "3 copies"),
            (2, "delay", "2 delays"),
            (5, "class", "5 classes"),
            (2, "batch", "2 batches"),
        ] {
            assert_eq!(count(number, noun), words);
        }
    }
}
