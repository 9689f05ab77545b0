//! Level 2: every function of the model language, over all exponents and signs with several
//! mantissas, and densely where it bends, against core's definition on the host.

use super::ops::both;
use super::{Done, Level, Needs, Settings, Test};
use crate::failure::Failure;
use crate::handbuilt::column_batch::ColumnBatch;
use crate::handbuilt::contract::same_float;
use isospike_core::base::numeric::{self, function};
use isospike_core::base::random::{key, philox};
use isospike_core::ir::build::Builder;
use isospike_core::ir::{Val, math};
use isospike_core::run::backend::Backend;

/// A function of up to three floats: as operations and on the host.
#[derive(Clone, Copy)]
struct Function {
    name: &'static str,
    build: fn(&mut Builder, &[Val]) -> Val,
    right: fn(f32, f32, f32) -> f32,
    /// Whether the contract promises the value there.
    promised: fn(f32, f32, f32) -> bool,
}

macro_rules! function {
    ($name:literal, |$b:ident, $x:ident| $build:expr, $right:expr) => {
        function!($name, |$b, $x| $build, $right, |_, _, _| true)
    };
    ($name:literal, |$b:ident, $x:ident| $build:expr, $right:expr, $promised:expr) => {
        Function { name: $name, build: |$b, $x| $build, right: $right, promised: $promised }
    };
}

const FUNCTIONS: [Function; 19] = [
    function!("x / y", |b, x| b.fdiv(x[0], x[1]), |x, y, _| numeric::div(x, y), |x, y, _| {
        (x / y).is_finite() || y == 0.0
    }),
    function!("sqrt", |b, x| b.fsqrt(x[0]), |x, _, _| numeric::sqrt(x)),
    function!("exp", |b, x| math::exp(b, x[0]), |x, _, _| function::exp(x)),
    function!("ln", |b, x| math::log(b, x[0]), |x, _, _| function::log(x)),
    function!("tanh", |b, x| math::tanh(b, x[0]), |x, _, _| function::tanh(x)),
    function!("sin", |b, x| math::sin(b, x[0]), |x, _, _| function::sin(x)),
    function!("cos", |b, x| math::cos(b, x[0]), |x, _, _| function::cos(x)),
    function!("exprel", |b, x| math::exprel(b, x[0]), |x, _, _| function::exprel(x)),
    function!("floor", |b, x| math::floor(b, x[0]), |x, _, _| function::floor(x)),
    function!("ceil", |b, x| math::ceil(b, x[0]), |x, _, _| function::ceil(x)),
    function!("abs", |b, x| math::abs(b, x[0]), |x, _, _| numeric::abs(x)),
    function!("-x", |b, x| math::neg(b, x[0]), |x, _, _| numeric::neg(x)),
    function!("min", |b, x| math::min(b, x[0], x[1]), |x, y, _| function::min(x, y)),
    function!("max", |b, x| math::max(b, x[0], x[1]), |x, y, _| function::max(x, y)),
    function!("clamp", |b, x| math::clamp(b, x[0], x[1], x[2]), function::clamp),
    function!(
        "x ^ y",
        |b, x| math::pow(b, x[0], x[1]),
        |x, y, _| function::pow(x, y),
        |x, y, _| {
            let product = y * function::log(x);
            product.is_normal() || product == 0.0
        }
    ),
    function!(
        "x ^ 3",
        |b, x| math::pow_integer(b, x[0], 3),
        |x, _, _| function::pow_integer(x, 3),
        |x, _, _| plain(x * x) && plain(x * x * x)
    ),
    function!(
        "store",
        |b, x| {
            let bits = math::flush(b, x[0]);
            b.bits_to_f(bits)
        },
        |x, _, _| numeric::flush(x)
    ),
    function!(
        "integer to float",
        |b, x| {
            let bits = b.f_to_bits(x[0]);
            let integer = b.u_to_i(bits);
            b.int_to_float(integer)
        },
        |x, _, _| numeric::int_to_float(x.to_bits() as i32)
    ),
];

/// Those with one result for infinities and NaN as well.
const SPECIAL: [Function; 12] = [
    function!("x < y", |b, x| number(b, |b| b.flt(x[0], x[1])), |x, y, _| truth(x < y)),
    function!("x <= y", |b, x| number(b, |b| b.fle(x[0], x[1])), |x, y, _| truth(x <= y)),
    function!("x == y", |b, x| number(b, |b| b.feq(x[0], x[1])), |x, y, _| truth(x == y)),
    function!(
        "!(x < y)",
        |b, x| number(b, |b| {
            let less = b.flt(x[0], x[1]);
            b.not(less)
        }),
        |x, y, _| {
            let less = x < y;
            truth(!less)
        }
    ),
    function!("min", |b, x| math::min(b, x[0], x[1]), |x, y, _| function::min(x, y)),
    function!("max", |b, x| math::max(b, x[0], x[1]), |x, y, _| function::max(x, y)),
    function!("clamp", |b, x| math::clamp(b, x[0], x[1], x[2]), function::clamp),
    function!(
        "clamp(x, -120, 120)",
        |b, x| {
            let (low, high) = (b.f32(-120.0), b.f32(120.0));
            math::clamp(b, x[0], low, high)
        },
        |x, _, _| function::clamp(x, -120.0, 120.0)
    ),
    function!("exp", |b, x| math::exp(b, x[0]), |x, _, _| function::exp(x)),
    function!("ln", |b, x| math::log(b, x[0]), |x, _, _| function::log(x)),
    function!("tanh", |b, x| math::tanh(b, x[0]), |x, _, _| function::tanh(x)),
    function!("cos", |b, x| math::cos(b, x[0]), |x, _, _| function::cos(x)),
];

/// 1 where the condition holds, else 0.
fn number(b: &mut Builder, condition: impl FnOnce(&mut Builder) -> Val) -> Val {
    let holds = condition(b);
    let (one, zero) = (b.f32(1.0), b.f32(0.0));
    b.select(holds, one, zero)
}

fn truth(condition: bool) -> f32 {
    f32::from(u8::from(condition))
}

/// A test for each function.
pub fn tests(settings: &Settings) -> Vec<Test> {
    let seed = settings.seed;
    let test = |function: Function| {
        let run = move |backend: &dyn Backend, _: &_| check(backend, function, seed);
        Test::new(Level::Functions, function.name, run).needing(Needs::Programs)
    };
    let special = |function: Function| {
        let run = move |backend: &dyn Backend, _: &_| check_special(backend, function);
        let name = format!("{} of what is not finite", function.name);
        Test::new(Level::Functions, name, run).needing(Needs::Programs)
    };
    FUNCTIONS.into_iter().map(test).chain(SPECIAL.into_iter().map(special)).collect()
}

fn check(backend: &dyn Backend, function: Function, seed: u64) -> Result<Done, Failure> {
    let batch = arguments(seed);
    let got = batch.run(backend, |b, words| {
        let xs: Vec<Val> = words.iter().map(|word| b.bits_to_f(*word)).collect();
        let result = (function.build)(b, &xs);
        b.f_to_bits(result)
    })?;
    let (mut checked, mut wrong, mut first) = (0, 0, None);
    for (row, &got) in got.iter().enumerate() {
        let words = batch.row(row);
        let [x, y, z] = [0, 1, 2].map(|n| f32::from_bits(words[n]));
        if !(function.promised)(x, y, z) {
            continue;
        }
        let expected = (function.right)(x, y, z).to_bits();
        checked += 1;
        if !same_float(got, expected) {
            wrong += 1;
            first.get_or_insert((words, got, expected));
        }
    }
    let Some((words, got, expected)) = first else { return Ok(Done::of(checked)) };
    Err(Failure::new(format!(
        "`{}` at x = {}, y = {}, z = {} gives {}, not {}; {wrong} of {checked} arguments differ",
        function.name,
        both(words[0]),
        both(words[1]),
        both(words[2]),
        both(got),
        both(expected)
    )))
}

/// Comparisons, and what is made of them, have one result for infinities, NaN and zeros as well;
/// any NaN is as good as another (1.5).
fn check_special(backend: &dyn Backend, function: Function) -> Result<Done, Failure> {
    let words =
        [0.0, -0.0, 1.0, -1.5, f32::MAX, f32::INFINITY, f32::NEG_INFINITY].map(f32::to_bits);
    // Quiet NaN as processors of each kind make it: by sign, and by the rest of the fraction.
    let words: Vec<u32> =
        words.into_iter().chain([0x7fc0_0000, 0xffc0_0000, 0x7fff_ffff]).collect();
    let mut columns = vec![Vec::new(), Vec::new(), Vec::new()];
    for &x in &words {
        for &y in &words {
            for &z in &words {
                columns.iter_mut().zip([x, y, z]).for_each(|(column, word)| column.push(word));
            }
        }
    }
    let batch = ColumnBatch::new(columns);
    let got = batch.run(backend, |b, words| {
        let xs: Vec<Val> = words.iter().map(|word| b.bits_to_f(*word)).collect();
        let result = (function.build)(b, &xs);
        b.f_to_bits(result)
    })?;
    for (row, &got) in got.iter().enumerate() {
        let words = batch.row(row);
        let [x, y, z] = [0, 1, 2].map(|n| f32::from_bits(words[n]));
        let expected = (function.right)(x, y, z);
        let both_nan = expected.is_nan() && f32::from_bits(got).is_nan();
        if got != expected.to_bits() && !both_nan {
            return Err(Failure::new(format!(
                "`{}` at x = {}, y = {}, z = {} gives {}, not {}",
                function.name,
                both(words[0]),
                both(words[1]),
                both(words[2]),
                both(got),
                both(expected.to_bits())
            )));
        }
    }
    Ok(Done::of(got.len() as u64))
}

fn plain(x: f32) -> bool {
    x.is_normal() || x == 0.0
}

/// Mantissas that are tried with every sign and exponent, beside random ones.
const MANTISSAS: [u32; 6] = [0, 1, 0x35_04f3, 0x40_0000, 0x7f_fffe, 0x7f_ffff];
/// Random mantissas for each sign and exponent.
const DRAWN: u32 = 4;
/// Rows of magnitudes where functions bend.
const NEAR: u32 = 4096;

/// Every exponent and sign of normal numbers as x beside drawn y and z; then x, y and z in
/// (-128, 128), every exponent from 2^-12 on as likely; then borders.
fn arguments(seed: u64) -> ColumnBatch {
    let word = |row: u32, n: usize| philox([row, 2, 0, 0], key(seed))[n];
    let mut columns = vec![Vec::new(), Vec::new(), Vec::new()];
    let mut push = |words: [u32; 3]| {
        columns.iter_mut().zip(words).for_each(|(column, word)| column.push(word));
    };
    // A normal number with the exponent field in `first..first + count`.
    let with = |word: u32, first: u32, count: u32| {
        let exponent = first + word.wrapping_mul(0x9e37_79b9) % count;
        (word & 0x807f_ffff) | exponent << 23
    };
    let mut row = 0;
    for exponent in 1..255_u32 {
        for sign in [0, 1 << 31] {
            let place = row;
            let drawn = (0..DRAWN).map(|n| word(place * DRAWN + n, 3) & 0x7f_ffff);
            for mantissa in MANTISSAS.into_iter().chain(drawn) {
                row += 1;
                let x = sign | exponent << 23 | mantissa;
                push([x, with(word(row, 0), 1, 254), with(word(row, 1), 87, 80)]);
            }
        }
    }
    for _ in 0..NEAR {
        row += 1;
        push([0, 1, 2].map(|n| with(word(row, n), 115, 19)));
    }
    let borders = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        -0.5,
        0.625,
        10.0,
        -10.0,
        88.0,
        87.999_99,
        -87.0,
        -87.000_01,
        8192.0,
        -8192.0,
        8192.001,
        8_388_608.0,
        8_388_607.5,
        -8_388_607.5,
        std::f32::consts::FRAC_PI_2,
        std::f32::consts::PI,
        f32::MIN_POSITIVE,
        f32::MAX,
        f32::MIN,
    ];
    for x in borders {
        for y in borders {
            push([x.to_bits(), y.to_bits(), 2.0_f32.to_bits()]);
        }
    }
    ColumnBatch::new(columns)
}
