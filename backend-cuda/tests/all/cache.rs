//! Compiled kernels on disk: used again, and made again where they are no good. The compiler alone
//! is needed; PTX is for any device.

use crate::common::{compiler, on_each};
use isospike_conformance::device::{sign_in, triple_and_add, verified};
use isospike_core::device::cache::Cache;
use isospike_core::device::{Device, Launch};
use isospike_cuda::{Options, open_unproved};
use sha2::{Digest, Sha256};
use std::fs;

#[test]
fn a_kernel_is_compiled_once_for_each_architecture() {
    let Some(compiler) = compiler() else { return };
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::in_folder(folder.path());
    let compile = |kernel, architecture| {
        let program = compiler.program(kernel, architecture, &cache).unwrap();
        assert!(program.ptx.contains(&format!(".target sm_{architecture}")));
        assert!(program.ptx.contains(&kernel.name));
        program.from_cache
    };
    let (a, b) = (sign_in(), triple_and_add());
    assert!(!compile(&a, 80) && !compile(&b, 80) && !compile(&a, 90));
    assert!(compile(&a, 80) && compile(&b, 80) && compile(&a, 90));
}

#[test]
fn an_entry_that_is_no_good_is_made_again() {
    let Some(compiler) = compiler() else { return };
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::in_folder(folder.path());
    let kernel = sign_in();
    let compile = || compiler.program(&kernel, 80, &cache).unwrap();
    let good = compile();
    let path = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let whole = |content: &[u8]| [&Sha256::digest(content)[..], content].concat();

    // A disk that lost a bit.
    let mut flipped = fs::read(&path).unwrap();
    *flipped.last_mut().unwrap() ^= 1;
    fs::write(&path, flipped).unwrap();
    assert!(!compile().from_cache && compile().from_cache);

    // PTX that is whole and computes other bits.
    let fused = good.ptx.replace("ret;", "fma.rn.f32 %f1, %f1, %f1, %f1;\n\tret;");
    fs::write(&path, whole(fused.as_bytes())).unwrap();
    assert!(!compile().from_cache);
    assert_eq!(compile().ptx, good.ptx);

    // Bytes that are whole, and no text.
    fs::write(&path, whole(&[0xff, 0xfe])).unwrap();
    assert!(!compile().from_cache && compile().from_cache);
}

#[test]
fn an_entry_that_the_driver_refuses_is_made_again() {
    on_each(|device, path| {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::in_folder(folder.path());
        let checked = verified(&sign_in(), &[3]).unwrap();
        let kernel = checked.kernel();
        let index = isospike_cuda::devices().devices.iter().position(|d| d.name == path).unwrap();
        let mut cached =
            open_unproved(Some(&index.to_string()), Options { cache: cache.clone() }).unwrap();
        assert!(!cached.compile(&checked).unwrap().is_from_cache());
        assert!(cached.compile(&checked).unwrap().is_from_cache());
        // PTX of another kernel, so the name is not in it; and no PTX at all.
        let other =
            compiler().unwrap().program(&triple_and_add(), device.raw().architecture(), &cache);
        let key =
            compiler().unwrap().program(kernel, device.raw().architecture(), &cache).unwrap().key;
        for content in [other.unwrap().ptx.as_bytes(), b"not a program"] {
            cache.put(&key, content);
            let made = cached.compile(&checked).unwrap();
            assert!(!made.is_from_cache(), "{path}");
            let list = cached.alloc(3).unwrap();
            let launch = Launch { kernel: &made, buffers: vec![&list], groups: 3 };
            cached.submit(&[launch], 1).unwrap();
            let mut got = [0; 3];
            cached.read(&list, 0, &mut got).unwrap();
            assert_eq!(got, [3; 3], "{path}");
        }
    });
}
