//! Running sequences of operations on many words.

use isospike_core::ir::build::Builder;
use isospike_core::ir::kernel::KernelBuilder;
use isospike_core::ir::{Guarantees, Input, Op, Program, Type, Val, eval, verify};

/// A sequence with one result, to be run on word after word.
pub struct Lanes {
    program: Program,
    result: Val,
    values: Vec<u32>,
}

impl Lanes {
    fn new(program: Program, result: Val) -> Self {
        verify::program(&program).unwrap();
        Self { program, result, values: vec![] }
    }

    /// The result on these inputs.
    pub fn run(&mut self, inputs: &[u32]) -> u32 {
        eval::program(&self.program, &mut self.values, |input| match input {
            Input::State(n) | Input::Receptor(n) | Input::Poisson { table: n, .. } => {
                inputs[n as usize]
            }
            other => panic!("no input {other} here"),
        });
        self.values[self.result.0 as usize]
    }

    /// The operations it is made of.
    pub fn ops(&self) -> &[Op] {
        &self.program.ops
    }
}

/// A sequence over inputs of these types, all operations native.
pub fn sequence(types: &[Type], build: impl FnOnce(&mut Builder, &[Val]) -> Val) -> Lanes {
    lanes(Builder::new(), types, build)
}

/// A sequence for a device without guarantees.
pub fn bare(types: &[Type], build: impl FnOnce(&mut Builder, &[Val]) -> Val) -> Lanes {
    let none = Guarantees::NONE;
    lanes(Builder::with_guarantees(none), types, build)
}

/// A sequence as kernels of a device with all guarantees have it.
pub fn guarded(types: &[Type], build: impl FnOnce(&mut Builder, &[Val]) -> Val) -> Lanes {
    let all = Guarantees::ALL;
    let mut kernel = KernelBuilder::new("guarded", 1, all);
    let inputs = inputs(&mut kernel, types);
    let result = build(&mut kernel, &inputs);
    let kernel = kernel.finish();
    let program = Program::new(kernel.ops, kernel.types, Vec::new());
    Lanes::new(program, result)
}

fn lanes(
    mut builder: Builder,
    types: &[Type],
    build: impl FnOnce(&mut Builder, &[Val]) -> Val,
) -> Lanes {
    let inputs = inputs(&mut builder, types);
    let result = build(&mut builder, &inputs);
    Lanes::new(builder.program(vec![]), result)
}

fn inputs(builder: &mut Builder, types: &[Type]) -> Vec<Val> {
    let leaf = |(n, ty): (u32, &Type)| match ty {
        Type::F32 => Op::Input(Input::State(n)),
        Type::I32 => Op::Input(Input::Receptor(n)),
        Type::U32 => Op::Input(Input::Poisson { table: n, stream: 0, keep: None }),
        Type::Bool => panic!("conditions are not inputs"),
    };
    (0..).zip(types).map(|input| builder.emit(leaf(input))).collect()
}

/// Words at which float and integer operations change their mind, both signs.
pub fn edge_words() -> impl Iterator<Item = u32> {
    const MAGNITUDES: [u32; 27] = [
        0,
        1,
        2,
        0xffff,
        0x1_0000,
        0x007f_ffff, // largest subnormal
        0x0080_0000, // 2^-126
        0x0080_0001,
        0x0100_0000,
        0x1fff_ffff, // just below 2^-63
        0x2000_0000, // 2^-63
        0x2000_0001,
        0x33ff_ffff,
        0x3eff_ffff, // just below 0.5
        0x3f00_0000,
        0x3f1f_ffff, // just below 0.625
        0x3f20_0000,
        0x3f35_04f3, // sqrt(1/2)
        0x3f7f_ffff,
        0x3f80_0000, // 1
        0x4b00_0000, // 2^23
        0x4b80_0001,
        0x7e80_0000,
        0x7f7f_ffff, // largest
        0x7f80_0000, // infinity
        0x7fc0_0000, // NaN
        0x7fff_ffff,
    ];
    MAGNITUDES.into_iter().flat_map(|m| [m, m | 0x8000_0000])
}

/// `per_binade` mantissas of each exponent and sign, at odd distances, and the edges.
pub fn sampled(per_binade: u32) -> impl Iterator<Item = u32> {
    (0..512_u32)
        .flat_map(move |binade| {
            (0..per_binade).map(move |i| {
                let spread = (i * 512 + binade).wrapping_mul(0x9e37_79b1) >> 9;
                let mantissa = if i == 0 { 0 } else { spread };
                binade << 23 | mantissa
            })
        })
        .chain(edge_words())
}

/// All words.
pub fn exhaustive() -> impl Iterator<Item = u32> {
    0..=u32::MAX
}
