//! Every kind of instruction over edge words, against plain Rust.

use isospike_cuda_stand_in::machine::{Launch, run};
use isospike_cuda_stand_in::memory::Memory;
use isospike_cuda_stand_in::ptx::{Target, parse};

/// Words at which something changes, as integers of 16 and 32 bits and as floats.
const EDGES: [u32; 28] = [
    0,
    1,
    2,
    7,
    31,
    32,
    33,
    255,
    0x7fff,
    0x8000,
    0xffff,
    0x1_0000,
    0x00ff_00ff,
    0x7fff_fffe,
    0x7fff_ffff, // no number
    0x8000_0000, // -0
    0x8000_0001, // the largest negative subnormal
    0x8070_0000,
    0x0080_0000, // the smallest normal number
    0x3f80_0000, // 1
    0xbf80_0001,
    0x4b00_0001, // 2^23 + 1
    0x3eff_ffff, // below 0.5
    0x3f00_0000, // 0.5
    0xc020_0000, // -2.5
    0x7f7f_ffff, // the largest number
    0x7f80_0000, // infinity
    0xffff_fffd,
];

/// Runs `body` for all pairs of edges (and a third word) in %r1, %r2, %r3, also as %rd4 = (%r1,
/// %r2) and %rd5 = (%r3, %r1), and compares (%r8, %r9) with `expected`.
#[track_caller]
fn check(body: &str, lenient: bool, expected: impl Fn(u32, u32, u32) -> u64) {
    let text = format!(
        ".version 9.0\n.target sm_80\n.address_size 64\n
        .visible .entry test(.param .u64 words) {{
        .reg .pred %p<4>; .reg .b16 %h<4>; .reg .b32 %r<16>; .reg .b64 %rd<16>;
        ld.param.u64 %rd1, [words];
        mov.u32 %r10, %tid.x; mov.u32 %r11, %ctaid.x; mov.u32 %r12, %ntid.x;
        mad.lo.u32 %r13, %r11, %r12, %r10;
        mad.wide.u32 %rd2, %r13, 16, %rd1;
        ld.global.v4.u32 {{%r1, %r2, %r3, _}}, [%rd2];
        mov.b64 %rd4, {{%r1, %r2}}; mov.b64 %rd5, {{%r3, %r1}};
        mov.u32 %r9, 0;
        {body}
        st.global.v2.u32 [%rd2+8], {{%r8, %r9}}; }}"
    );
    let mut inputs = Vec::new();
    for (i, &a) in EDGES.iter().enumerate() {
        for (j, &b) in EDGES.iter().enumerate() {
            inputs.push([a, b, EDGES[(3 * i + 5 * j) % EDGES.len()], 0]);
        }
    }
    let mut memory = Memory::new(1 << 20);
    let target = Target { driver: 13_000, sm: 80, lenient, variables_at: memory.next_address() };
    let module = parse(&text, &target).unwrap_or_else(|error| panic!("{body}: {error}"));
    let mut bytes: Vec<u8> = inputs.as_flattened().iter().flat_map(|w| w.to_le_bytes()).collect();
    let address = memory.allocate(bytes.len() as u64).expect("a megabyte suffices");
    memory.write(address, &bytes).expect("inside");
    let launch = Launch {
        kernel: &module.kernels[0],
        grid: [28, 1, 1],
        block: [28, 1, 1],
        parameters: &address.to_le_bytes(),
        number: 1,
        races: true,
    };
    run(&launch, &mut memory).unwrap_or_else(|fault| panic!("{}", fault.what));
    memory.read(address, &mut bytes).expect("inside");
    for (input, record) in inputs.iter().zip(bytes.as_chunks::<16>().0) {
        let [a, b, c, _] = *input;
        let found = u64::from_le_bytes(*record[8..].as_array().expect("8 of 16 bytes"));
        let wanted = expected(a, b, c);
        assert_eq!(found, wanted, "{body} of {a:#x}, {b:#x}, {c:#x}: {found:#x}, not {wanted:#x}");
    }
}

/// A 32-bit result of `opcode` with as many operands as `operands` says.
#[track_caller]
fn word(opcode: &str, operands: usize, expected: impl Fn(u32, u32, u32) -> u32) {
    let operands = ["%r1", "%r1, %r2", "%r1, %r2, %r3"][operands - 1];
    check(&format!("{opcode} %r8, {operands};"), false, |a, b, c| expected(a, b, c).into());
}

/// A float result; every NaN is the one that a device gives.
#[track_caller]
fn float(opcode: &str, operands: usize, expected: impl Fn(f32, f32) -> f32) {
    word(opcode, operands, |a, b, _| bits(expected(f32::from_bits(a), f32::from_bits(b))));
}

#[track_caller]
fn long(opcode: &str, operands: &str, expected: impl Fn(u64, u64) -> u64) {
    let body = format!("{opcode} %rd6, {operands}; mov.b64 {{%r8, %r9}}, %rd6;");
    check(&body, false, |a, b, c| expected(join(a, b), join(c, a)));
}

#[track_caller]
fn test(opcode: &str, operands: &str, expected: impl Fn(u32, u32, u32) -> bool) {
    let body = format!("{opcode} %p1, {operands}; selp.u32 %r8, 1, 0, %p1;");
    check(&body, false, |a, b, c| expected(a, b, c).into());
}

fn bits(x: f32) -> u32 {
    if x.is_nan() { 0x7fff_ffff } else { x.to_bits() }
}

fn join(low: u32, high: u32) -> u64 {
    u64::from(low) + (u64::from(high) << 32)
}

fn signed(a: u32) -> i128 {
    i128::from(a as i32)
}

#[test]
fn arithmetic_of_words() {
    word("add.s32", 2, |a, b, _| (signed(a) + signed(b)) as u32);
    word("sub.u32", 2, |a, b, _| (signed(a) - signed(b)) as u32);
    word("mul.lo.s32", 2, |a, b, _| (signed(a) * signed(b)) as u32);
    word("mul.hi.u32", 2, |a, b, _| ((u128::from(a) * u128::from(b)) >> 32) as u32);
    word("mul.hi.s32", 2, |a, b, _| ((signed(a) * signed(b)) >> 32) as u32);
    word("mad.lo.u32", 3, |a, b, c| (signed(a) * signed(b) + signed(c)) as u32);
    word("mad.hi.u32", 3, |a, b, c| {
        (((u128::from(a) * u128::from(b)) >> 32) + u128::from(c)) as u32
    });
    word("div.u32", 2, |a, b, _| a.checked_div(b).unwrap_or(u32::MAX));
    word("rem.u32", 2, |a, b, _| a.checked_rem(b).unwrap_or(a));
    word("neg.s32", 1, |a, _, _| (-signed(a)) as u32);
    word("abs.s32", 1, |a, _, _| signed(a).unsigned_abs() as u32);
    word("min.s32", 2, |a, b, _| signed(a).min(signed(b)) as u32);
    word("max.s32", 2, |a, b, _| signed(a).max(signed(b)) as u32);
    word("min.u32", 2, |a, b, _| if a < b { a } else { b });
    word("max.u32", 2, |a, b, _| if a < b { b } else { a });
}

#[test]
fn bits_of_words() {
    word("and.b32", 2, |a, b, _| a & b);
    word("or.b32", 2, |a, b, _| a | b);
    word("xor.b32", 2, |a, b, _| a ^ b);
    word("not.b32", 1, |a, _, _| !a);
    word("shl.b32", 2, |a, n, _| if n > 31 { 0 } else { a << n });
    word("shr.u32", 2, |a, n, _| if n > 31 { 0 } else { a >> n });
    word("shr.s32", 2, |a, n, _| (signed(a) >> n.min(64)) as u32);
    word("popc.b32", 1, |a, _, _| (0..32).filter(|bit| a >> bit & 1 == 1).count() as u32);
    word("clz.b32", 1, |a, _, _| (0..32).position(|n| a << n >> 31 == 1).unwrap_or(32) as u32);
    word("brev.b32", 1, |a, _, _| (0..32).fold(0, |reversed, bit| reversed << 1 | a >> bit & 1));
    word("bfind.u32", 1, |a, _, _| a.checked_ilog2().unwrap_or(u32::MAX));
    word("bfind.shiftamt.u32", 1, |a, _, _| a.checked_ilog2().map_or(u32::MAX, |top| 31 - top));
    word("bfe.u32", 3, |a, at, n| {
        let field = u128::from(a) >> (at & 255).min(64);
        (field & ((1 << (n & 255).min(64)) - 1)) as u32
    });
    check("bfi.b32 %r8, %r1, %r2, %r3, 9;", false, |a, b, at| {
        let place = 0x1ff_u128 << (at & 255).min(64);
        let moved = u128::from(a) << (at & 255).min(64);
        ((u128::from(b) & !place | moved & place) as u32).into()
    });
    word("shf.l.wrap.b32", 3, |low, high, n| (join(low, high) << (n % 32) >> 32) as u32);
    word("shf.r.wrap.b32", 3, |low, high, n| (join(low, high) >> (n % 32)) as u32);
    word("prmt.b32", 3, |a, b, selector| {
        (0..4).fold(0, |whole, byte| {
            let choice = selector >> (4 * byte) & 15;
            let chosen = (join(a, b) >> (8 * (choice & 7)) & 255) as u32;
            let value = if choice < 8 { chosen } else { 255 * (chosen >> 7) };
            whole | value << (8 * byte)
        })
    });
}

#[test]
fn halves() {
    let half = |opcode: &str, expected: fn(u16, u16) -> u16| {
        let body = format!(
            "cvt.u16.u32 %h1, %r1; cvt.u16.u32 %h2, %r2; {opcode} %h3, %h1, %h2; cvt.u32.u16 %r8, %h3;"
        );
        check(&body, false, |a, b, _| expected(a as u16, b as u16).into());
    };
    half("add.s16", u16::wrapping_add);
    half("sub.s16", u16::wrapping_sub);
    half("mul.lo.s16", u16::wrapping_mul);
    half("and.b16", |a, b| a & b);
    half("or.b16", |a, b| a | b);
    half("xor.b16", |a, b| a ^ b);
    let by_word = |opcode: &str, expected: fn(u16, u32) -> u16| {
        let body = format!("cvt.u16.u32 %h1, %r1; {opcode} %h3, %h1, %r2; cvt.u32.u16 %r8, %h3;");
        check(&body, false, |a, b, _| expected(a as u16, b).into());
    };
    by_word("shl.b16", |a, n| if n > 15 { 0 } else { a << n });
    by_word("shr.u16", |a, n| if n > 15 { 0 } else { a >> n });
    by_word("shr.s16", |a, n| ((a as i16) >> n.min(15)) as u16);
    // A constant has no upper half either.
    check("cvt.u16.u32 %h1, %r1; mul.wide.u16 %r8, %h1, -5617;", false, |a, _, _| {
        u64::from(a as u16) * u64::from(-5617_i16 as u16)
    });
    check("cvt.u16.u32 %h1, %r1; mul.wide.s16 %r8, %h1, -5617;", false, |a, _, _| {
        u64::from((i32::from(a as i16) * -5617) as u32)
    });
    check("not.b16 %h1, %r1; cvt.s32.s16 %r8, %h1;", false, |a, _, _| {
        u64::from(i32::from(!(a as i16)) as u32)
    });
}

#[test]
fn arithmetic_of_longs() {
    long("add.s64", "%rd4, %rd5", |a, b| (i128::from(a) + i128::from(b)) as u64);
    long("sub.s64", "%rd4, %rd5", |a, b| (i128::from(a) - i128::from(b)) as u64);
    long("mul.lo.s64", "%rd4, %rd5", |a, b| (u128::from(a) * u128::from(b)) as u64);
    long("mul.hi.u64", "%rd4, %rd5", |a, b| ((u128::from(a) * u128::from(b)) >> 64) as u64);
    long("mad.lo.s64", "%rd4, %rd5, %rd4", |a, b| {
        (u128::from(a) * u128::from(b)).wrapping_add(a.into()) as u64
    });
    long("neg.s64", "%rd4", |a, _| (-i128::from(a)) as u64);
    long("and.b64", "%rd4, %rd5", |a, b| a & b);
    long("or.b64", "%rd4, %rd5", |a, b| a | b);
    long("xor.b64", "%rd4, %rd5", |a, b| a ^ b);
    long("not.b64", "%rd4", |a, _| !a);
    long("min.s64", "%rd4, %rd5", |a, b| (a as i64).min(b as i64) as u64);
    long("max.u64", "%rd4, %rd5", |a, b| a.max(b));
    long("mul.wide.u32", "%r1, %r2", |ab, _| (ab & 0xffff_ffff) * (ab >> 32));
    long("mul.wide.s32", "%r1, %r2", |ab, _| {
        (signed(ab as u32) * signed((ab >> 32) as u32)) as u64
    });
    long("mad.wide.s32", "%r1, %r2, %rd5", |ab, c| {
        (signed(ab as u32) * signed((ab >> 32) as u32) + i128::from(c)) as u64
    });
    long("shl.b64", "%rd5, %r2", |ab, c| if ab >> 32 > 63 { 0 } else { c << (ab >> 32) });
    long("shr.u64", "%rd5, %r2", |ab, c| if ab >> 32 > 63 { 0 } else { c >> (ab >> 32) });
    long("shr.s64", "%rd5, %r2", |ab, c| ((c as i64) >> (ab >> 32).min(63)) as u64);
    long("cvt.u64.u32", "%r1", |ab, _| ab & 0xffff_ffff);
    long("cvt.s64.s32", "%r1", |ab, _| i64::from(ab as u32 as i32) as u64);
    check("cvt.u32.u64 %r8, %rd5;", false, |_, _, c| c.into());
    check("cvt.rn.f32.u64 %r8, %rd4;", false, |a, b, _| (join(a, b) as f32).to_bits().into());
}

#[test]
fn arithmetic_of_floats() {
    float("add.rn.f32", 2, |a, b| a + b);
    float("sub.rn.f32", 2, |a, b| a - b);
    float("mul.rn.f32", 2, |a, b| a * b);
    float("div.rn.f32", 2, |a, b| a / b);
    float("sqrt.rn.f32", 1, |a, _| a.sqrt());
    float("rcp.rn.f32", 1, |a, _| 1.0 / a);
    word("neg.f32", 1, |a, _, _| a.wrapping_add(1 << 31));
    word("abs.f32", 1, |a, _, _| a << 1 >> 1);
    let order = |a: u32| f32::from_bits(a);
    word("min.f32", 2, |a, b, _| match (order(a).is_nan(), order(b).is_nan()) {
        (true, true) => 0x7fff_ffff,
        (true, false) => b,
        (false, true) => a,
        _ if order(a).total_cmp(&order(b)).is_le() => a,
        _ => b,
    });
    word("max.f32", 2, |a, b, _| match (order(a).is_nan(), order(b).is_nan()) {
        (true, true) => 0x7fff_ffff,
        (true, false) => b,
        (false, true) => a,
        _ if order(a).total_cmp(&order(b)).is_ge() => a,
        _ => b,
    });
    float("cvt.rzi.f32.f32", 1, |a, _| a.trunc());
    float("cvt.rmi.f32.f32", 1, |a, _| a.floor());
    float("cvt.rpi.f32.f32", 1, |a, _| a.ceil());
    float("cvt.rni.f32.f32", 1, |a, _| a.round_ties_even());
    word("cvt.rn.f32.s32", 1, |a, _, _| (f64::from(a as i32) as f32).to_bits());
    word("cvt.rn.f32.u32", 1, |a, _, _| (f64::from(a) as f32).to_bits());
    word("cvt.rzi.s32.f32", 1, |a, _, _| f64::from(f32::from_bits(a)).trunc() as i32 as u32);
    word("cvt.rzi.u32.f32", 1, |a, _, _| f64::from(f32::from_bits(a)).trunc() as u32);
}

#[test]
fn what_may_be_merged_is_run_only_on_request() {
    let fused = |a: u32, b: u32, c: u32| {
        bits(f32::from_bits(a).mul_add(f32::from_bits(b), f32::from_bits(c)))
    };
    check("fma.rn.f32 %r8, %r1, %r2, %r3;", true, |a, b, c| fused(a, b, c).into());
    check("mul.f32 %r8, %r1, %r2;", true, |a, b, _| {
        bits(f32::from_bits(a) * f32::from_bits(b)).into()
    });
    let flush = |a: u32| if a >> 23 & 255 == 0 { a >> 31 << 31 } else { a };
    check("add.ftz.f32 %r8, %r1, %r2;", true, |a, b, _| {
        flush(bits(f32::from_bits(flush(a)) + f32::from_bits(flush(b)))).into()
    });
}

#[test]
fn comparisons() {
    use std::cmp::Ordering::{Equal, Greater, Less};
    type Wanted = fn(Option<std::cmp::Ordering>) -> bool;
    let ordered: [(&str, Wanted); 6] = [
        ("eq", |order| order == Some(Equal)),
        ("ne", |order| matches!(order, Some(Less | Greater))),
        ("lt", |order| order == Some(Less)),
        ("le", |order| matches!(order, Some(Less | Equal))),
        ("gt", |order| order == Some(Greater)),
        ("ge", |order| matches!(order, Some(Greater | Equal))),
    ];
    for (name, wanted) in ordered {
        let words = "%r1, %r2";
        test(&format!("setp.{name}.u32"), words, |a, b, _| wanted(a.partial_cmp(&b)));
        test(&format!("setp.{name}.s32"), words, |a, b, _| {
            wanted((a as i32).partial_cmp(&(b as i32)))
        });
        test(&format!("setp.{name}.s16"), words, |a, b, _| {
            wanted((a as i16).partial_cmp(&(b as i16)))
        });
        test(&format!("setp.{name}.u64"), "%rd4, %rd5", |a, b, c| {
            wanted(join(a, b).partial_cmp(&join(c, a)))
        });
        test(&format!("setp.{name}.s64"), "%rd4, %rd5", |a, b, c| {
            wanted((join(a, b) as i64).partial_cmp(&(join(c, a) as i64)))
        });
        let floats = |a, b| f32::from_bits(a).partial_cmp(&f32::from_bits(b));
        test(&format!("setp.{name}.f32"), words, |a, b, _| wanted(floats(a, b)));
        test(&format!("setp.{name}u.f32"), words, |a, b, _| {
            let order = floats(a, b);
            order.is_none() || wanted(order)
        });
    }
    test("setp.nan.f32", "%r1, %r2", |a, b, _| {
        f32::from_bits(a).is_nan() || f32::from_bits(b).is_nan()
    });
}

#[test]
fn predicates_and_choices() {
    let two = "setp.lt.u32 %p1, %r1, 32768; setp.lt.u32 %p2, %r2, 32768;";
    let small = |a: u32| a < 32768;
    let check_two = |line: &str, expected: fn(bool, bool) -> bool| {
        let body = format!("{two} {line} selp.u32 %r8, 1, 0, %p3;");
        check(&body, false, |a, b, _| expected(small(a), small(b)).into());
    };
    check_two("and.pred %p3, %p1, %p2;", |a, b| a && b);
    check_two("or.pred %p3, %p1, %p2;", |a, b| a || b);
    check_two("xor.pred %p3, %p1, %p2;", |a, b| a != b);
    check_two("not.pred %p3, %p1;", |a, _| !a);
    check_two("mov.pred %p3, %p1;", |a, _| a);
    check_two("mov.pred %p3, -1;", |_, _| true);
    check_two("mov.pred %p3, 0;", |_, _| false);
    check(&format!("{two} selp.f32 %r8, %r1, %r2, %p2;"), false, |a, b, _| {
        if small(b) { a } else { b }.into()
    });
    check(
        &format!("{two} selp.b64 %rd6, %rd4, %rd5, %p1; mov.b64 {{%r8, %r9}}, %rd6;"),
        false,
        |a, b, c| if small(a) { join(a, b) } else { join(c, a) },
    );
    // A guard leaves the other lanes as they are.
    check(&format!("{two} mov.u32 %r8, %r3; @!%p1 mov.u32 %r8, %r2;"), false, |a, b, c| {
        if small(a) { c } else { b }.into()
    });
}
