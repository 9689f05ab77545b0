//! Runs a test through the driver's C interface: in a process of its own, where the stand-in has
//! the driver's name.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Says to a process that its libcuda is the stand-in.
const INSIDE: &str = "CUDA_STAND_IN_TEST";

/// Runs `body` in a process in which `libcuda.so.1` is the stand-in and the environment has
/// `settings`. `test` is the name of the calling test with its module. Returns what the process
/// wrote, or `None` inside of it.
pub fn in_stand_in(test: &str, settings: &[(&str, &str)], body: impl FnOnce()) -> Option<String> {
    if env::var_os(INSIDE).is_some() {
        body();
        return None;
    }
    let folder = driver_folder(test);
    let mut paths = vec![folder];
    paths.extend(env::var_os("LD_LIBRARY_PATH").iter().flat_map(env::split_paths));
    let output = Command::new(env::current_exe().expect("a test has a path"))
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env("LD_LIBRARY_PATH", env::join_paths(paths).expect("no colon in a folder's name"))
        .env(INSIDE, "1")
        .envs(settings.iter().copied())
        .output()
        .expect("a test can be started again");
    let text =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    let text = text.concat();
    let ran = output.status.success() && text.contains("test result: ok. 1 passed");
    assert!(ran, "{test} in the stand-in:\n{text}");
    Some(text)
}

/// A folder with the stand-in under the driver's name.
fn driver_folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test.replace("::", "-"));
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    let link = folder.join("libcuda.so");
    // Left by an earlier run, perhaps of another build.
    _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(library(), link).expect("the target folder takes links");
    folder
}

/// The library beside the test's own program.
fn library() -> PathBuf {
    let program = env::current_exe().expect("a test has a path");
    let folders = program.ancestors().skip(1).take(2);
    let places = folders.map(|folder| folder.join("libisospike_cuda_stand_in.so"));
    let mut found = places.filter(|place| place.exists());
    found.next().expect("cargo builds the library before its tests")
}
