//! Every kernel that a network needs, through the real NVRTC and the real assembler, for three
//! generations of GPUs. Neither needs a device.
//!
//! Faults that are found before any GPU is: a kernel that NVRTC does not take, an instruction that
//! would round otherwise, registers that overflow into memory.

mod ptxas;

use crate::common::compiler;
use crate::listener;
use isospike_conformance::golden;
use isospike_conformance::missing::lack;
use isospike_core::device::cache::Cache;
use isospike_core::device::self_test;
use isospike_core::ir::{Guarantees, Kernel};
use isospike_cuda::{Compiler, FLOAT_OPTIONS, ptx, source};
use ptxas::Ptxas;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Turing, Ampere, Hopper.
const ARCHITECTURES: [u32; 3] = [75, 80, 90];
/// The networks whose registers are recorded; between them they have every kind of kernel.
const RECORDED: [&str; 4] = ["cuba", "cobahh", "izhikevich_2003", "microcircuit"];

/// Every kernel of the examples and of the self-test, once for each text: `cuba/update_0`.
fn kernels() -> Vec<(String, Kernel)> {
    let mut by_text = BTreeMap::new();
    let mut kernels = Vec::new();
    let mut add = |network: &str, kernel: Kernel| {
        let text = source(&kernel).unwrap();
        if by_text.insert(text, ()).is_none() {
            kernels.push((format!("{network}/{}", kernel.name), kernel));
        }
    };
    let (recorded, others): (Vec<_>, Vec<_>) =
        golden::cases().into_iter().partition(|case| RECORDED.contains(&case.name));
    for example in recorded.iter().chain(&others) {
        let plan = golden::plan(example).unwrap_or_else(|_| panic!("{}", example.name));
        for kernel in listener::kernels(&plan) {
            add(example.name, kernel);
        }
    }
    for kernel in self_test::kernels(Guarantees::ALL) {
        add("self-test", kernel);
    }
    kernels
}

#[test]
fn every_kernel_compiles_to_the_bits_of_the_contract_and_fits_the_registers() {
    let Some(compiler) = compiler() else { return };
    let assembler = Ptxas::find().map_err(|why| lack("ptxas", &why)).ok();
    let kernels = kernels();
    // Populations of one model share theirs.
    assert!(kernels.len() >= 19, "{} kernels", kernels.len());
    let mut table = String::new();
    for (name, kernel) in &kernels {
        for architecture in ARCHITECTURES {
            // `program` refuses what is not of the contract.
            let program = compiler.program(kernel, architecture, &Cache::default());
            let program = program.unwrap_or_else(|why| panic!("{name}: {why}"));
            let Some(assembler) = &assembler else { continue };
            let report = assembler.assemble(&program.ptx, architecture, &[]);
            let report = report.unwrap_or_else(|why| panic!("{name}, sm_{architecture}: {why}"));
            assert_eq!(report.spill_bytes, 0, "{name}, sm_{architecture}");
            if RECORDED.iter().any(|network| name.starts_with(network)) {
                let _ = writeln!(
                    table,
                    "{name} sm_{architecture}: {} registers, {} bytes of shared memory",
                    report.registers, report.shared_bytes
                );
            }
        }
    }
    if let Some(assembler) = &assembler {
        registers_are_as_recorded(&compiler, assembler, &table);
    }
}

/// Registers are those of one compiler: another one has other figures and is no mistake.
fn registers_are_as_recorded(compiler: &Compiler, assembler: &Ptxas, table: &str) {
    const VERSIONS: &str = "NVRTC 13.5, ptxas V13.5.37";
    let versions = format!("NVRTC {}, ptxas {}", compiler.version(), assembler.version);
    if versions == VERSIONS {
        insta::assert_snapshot!("registers", format!("{versions}\n{table}"));
    } else {
        lack(&format!("the recorded {VERSIONS}"), &format!("here is {versions}"));
    }
}

/// A kernel that turns 64 words around holds them all at once.
#[test]
fn registers_that_do_not_fit_are_noticed() {
    let (Some(compiler), Ok(assembler)) = (compiler(), Ptxas::find()) else { return };
    let loads: String = (0..64).map(|i| format!("unsigned w{i} = a[{i}]; ")).collect();
    let stores: String = (0..64).map(|i| format!("a[{}] = w{i}; ", 63 - i)).collect();
    let text =
        format!("extern \"C\" __global__ void k(volatile unsigned *a) {{ {loads}{stores} }}");
    let ptx = compiler.compile(&text, "k", &Compiler::options(80)).unwrap();
    assert_eq!(assembler.assemble(&ptx, 80, &[]).unwrap().spill_bytes, 0);
    let report = assembler.assemble(&ptx, 80, &["--maxrregcount=24"]).unwrap();
    assert!(report.registers <= 24 && report.spill_bytes > 0, "{report:?}");
}

/// A sum of a product, as a careless dialect would print it.
const CARELESS: &str = "extern \"C\" __global__ void k(float *a) { \
     unsigned i = threadIdx.x; a[i] = a[i] * a[i + 64] + a[i + 128] / a[i + 192]; }";

#[test]
fn each_option_that_is_forgotten_is_caught() {
    let Some(compiler) = compiler() else { return };
    let compile = |options: &[String]| compiler.compile(CARELESS, "k", options).unwrap();
    let right = Compiler::options(80);
    assert_eq!(ptx::check(&compile(&right)), Ok(()));
    let cases = [
        ("--fmad=false", "--fmad=true", "fma.rn.f32"),
        ("--ftz=false", "--ftz=true", "ftz"),
        ("--prec-div=true", "--prec-div=false", "div.full.f32"),
    ];
    for (good, bad, opcode) in cases {
        let options: Vec<String> = right.iter().map(|o| o.replace(good, bad)).collect();
        assert_ne!(options, right);
        let finding = ptx::check(&compile(&options)).unwrap_err();
        assert!(finding.opcode.contains(opcode), "{bad}: {finding}");
    }
    assert!(FLOAT_OPTIONS.iter().all(|option| right.contains(&option.to_string())));
}

/// The text names the rounding of sums and products, so that no option can fuse them.
#[test]
fn what_is_printed_survives_contraction() {
    let Some(compiler) = compiler() else { return };
    let example = golden::cases().into_iter().find(|case| case.name == "izhikevich_2003").unwrap();
    let plan = golden::plan(&example).unwrap_or_else(|_| panic!("{}", example.name));
    let options: Vec<String> =
        Compiler::options(80).iter().map(|o| o.replace("--fmad=false", "--fmad=true")).collect();
    let mut products = 0;
    for kernel in listener::kernels(&plan) {
        let text = source(&kernel).unwrap();
        let ptx = compiler.compile(&text, &kernel.name, &options).unwrap();
        products += ptx.matches("mul.rn.f32").count();
        assert_eq!(ptx::check(&ptx), Ok(()), "{}", kernel.name);
    }
    assert!(products > 0);
}

#[test]
fn a_kernel_that_does_not_compile_comes_with_the_log_and_numbered_lines() {
    let Some(compiler) = compiler() else { return };
    // `while` is a word of the language and no name.
    let kernel = Kernel {
        name: "while".into(),
        bindings: Vec::new(),
        group_size: 64,
        ops: Vec::new(),
        types: Vec::new(),
        vars: 0,
        body: Vec::new(),
    };
    let error = compiler.program(&kernel, 80, &Cache::default()).unwrap_err().to_string();
    for part in ["kernel while", "--fmad=false", "error", "   1 | typedef unsigned int uint;"] {
        assert!(error.contains(part), "{error}");
    }
}
