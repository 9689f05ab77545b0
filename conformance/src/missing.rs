//! Missing devices: reported where everybody sees it, and a failure where they are required.

use isospike_core::base::console::note;
use isospike_core::base::environment;

/// The words of `ISOSPIKE_REQUIRE`, as `docs/devices.md` lists them.
const WORDS: [&str; 17] = [
    "cpu",
    "reference",
    "machine",
    "cuda",
    "nvrtc",
    "ptxas",
    "opencl",
    "opencl-pocl",
    "opencl-rusticl",
    "opencl-intel",
    "oclgrind",
    "wgpu",
    "wgpu-gl",
    "wgpu-lavapipe",
    "tmpfs",
    "cpu-avx2",
    "cpu-avx512",
];

/// Whether `ISOSPIKE_REQUIRE` (a list with commas, `docs/devices.md`) has this word. Panics where
/// the list has a word that nothing answers to: it would never be missed.
pub fn is_required(word: &str) -> bool {
    let list = environment::text("ISOSPIKE_REQUIRE").unwrap_or_else(|why| panic!("{why}"));
    required(&list.unwrap_or_default(), word).unwrap_or_else(|why| panic!("{why}"))
}

fn required(list: &str, word: &str) -> Result<bool, String> {
    let words = || list.split(',').map(str::trim).filter(|word| !word.is_empty());
    match words().find(|word| !WORDS.contains(word)) {
        Some(odd) => {
            let all = WORDS.join(", ");
            Err(format!("ISOSPIKE_REQUIRE: there is no device `{odd}`; there are {all}"))
        }
        None => Ok(words().any(|other| other == word)),
    }
}

/// Says that a test lacks what a word of `ISOSPIKE_REQUIRE` stands for, past the capture of the
/// test harness. Panics where that is required.
pub fn lack(word: &str, why: &str) {
    note(format!("MISSING DEVICE: {word} ({why})"));
    assert!(!is_required(word), "{word} is required: {why}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_words_of_devices_only() {
        assert_eq!(required("", "cpu"), Ok(false));
        assert_eq!(required("wgpu, cuda,", "cuda"), Ok(true));
        assert_eq!(required("wgpu,cuda", "wgpu-gl"), Ok(false));
        let error = required("cuda,wgpuu", "cuda").unwrap_err();
        assert!(error.contains("`wgpuu`") && error.contains("wgpu-lavapipe"), "{error}");
    }
}
