//! Pairs of operations done in one pass over the block, so that the value between them never goes
//! through memory. Each operation still rounds by itself: bits do not change.

use super::{Code, Dst, Instruction, Roots, Src};
use isospike_core::ir::{Op, Output};

/// Recognises the lesser and the greater of two numbers: a comparison that chooses between what it
/// compares. Vector units have this as one instruction.
pub(super) fn choose(list: &mut Vec<Instruction>, roots: &Roots) {
    let mut uses = Uses::new(list, roots);
    for position in 0..list.len() {
        let (Code::Op(Op::Select(..)), [condition, a, b]) =
            (list[position].code, list[position].src)
        else {
            continue;
        };
        let Some(p) = uses.only(condition) else { continue };
        let [x, y, _] = list[p].src;
        let code = match list[p].code {
            Code::Op(Op::FLt(..)) if (a, b) == (x, y) => Code::Lesser,
            Code::Op(Op::FLt(..)) if (a, b) == (y, x) => Code::Greater,
            _ => continue,
        };
        list[position] = Instruction::new(code, list[position].dst, &[a, b]);
        uses.gone[p] = true;
    }
    uses.remove_gone(list);
}

/// Fuses products into the sums that are their only use, conversions into products, negations into
/// conjunctions, and writes results into state arrays without a register where that is safe.
pub(super) fn fuse(list: &mut Vec<Instruction>, roots: &mut Roots) {
    let mut uses = Uses::new(list, roots);
    for position in 0..list.len() {
        fuse_sum(list, &mut uses, position);
    }
    for position in 0..list.len() {
        fuse_pair(list, &mut uses, position);
    }
    for (output, root) in &mut roots.state {
        match *output {
            Output::State(n) => store_directly(list, &mut uses, root, n),
            Output::Integer(n) => count_directly(list, &uses, root, n),
            Output::Spike | Output::Sent(_) => {}
        }
    }
    uses.remove_gone(list);
}

/// Which instruction makes each value, and how often it is used.
struct Uses {
    count: Vec<u32>,
    made_at: Vec<usize>,
    gone: Vec<bool>,
}

impl Uses {
    fn new(list: &[Instruction], roots: &Roots) -> Self {
        let values = list.iter().map(|i| i.dst.number() + 1).max().unwrap_or(0) as usize;
        let (mut count, mut made_at) = (vec![0; values], vec![usize::MAX; values]);
        for (position, instruction) in list.iter().enumerate() {
            made_at[instruction.dst.number() as usize] = position;
        }
        for src in list.iter().flat_map(|i| i.src).chain(roots.all()) {
            if let Src::Value(v) = src {
                count[v as usize] += 1;
            }
        }
        Self { count, made_at, gone: vec![false; list.len()] }
    }

    fn remove_gone(&self, list: &mut Vec<Instruction>) {
        let mut gone = self.gone.iter();
        list.retain(|_| gone.next() == Some(&false));
    }

    /// The position of the instruction that makes a value used only once.
    fn only(&self, src: Src) -> Option<usize> {
        match src {
            Src::Value(v) if self.count[v as usize] == 1 => Some(self.made_at[v as usize]),
            _ => None,
        }
    }
}

fn fuse_sum(list: &mut [Instruction], uses: &mut Uses, position: usize) {
    let [a, b, _] = list[position].src;
    let product = |src| uses.only(src).filter(|&p| matches!(list[p].code, Code::Op(Op::FMul(..))));
    let (left, right) = match list[position].code {
        Code::Op(Op::FAdd(..)) => (Code::MulAdd, Code::MulAdd),
        Code::Op(Op::FSub(..)) => (Code::MulSub, Code::SubMul),
        _ => return,
    };
    let left = product(a).map(|p| (p, left, b));
    let Some((p, code, other)) = left.or_else(|| product(b).map(|p| (p, right, a))) else {
        return;
    };
    let [x, y, _] = list[p].src;
    list[position].code = code;
    list[position].src = [x, y, other];
    uses.gone[p] = true;
}

fn fuse_pair(list: &mut [Instruction], uses: &mut Uses, position: usize) {
    if uses.gone[position] {
        return;
    }
    let [a, b, none] = list[position].src;
    let code = match list[position].code {
        Code::Op(Op::FMul(..)) => Code::ConvertMul,
        Code::Op(Op::And(..)) => Code::NotAnd,
        _ => return,
    };
    let inner = |src| {
        uses.only(src).filter(|&p| match list[p].code {
            Code::Op(Op::IToF(_)) => code == Code::ConvertMul,
            Code::Op(Op::Not(_)) => code == Code::NotAnd,
            _ => false,
        })
    };
    if let Some((p, other)) = inner(a).map(|p| (p, b)).or_else(|| inner(b).map(|p| (p, a))) {
        list[position].code = code;
        list[position].src = [list[p].src[0], other, none];
        uses.gone[p] = true;
    }
}

/// Whether nothing after this instruction reads the array any more.
fn may_write(list: &[Instruction], position: usize, array: Src) -> bool {
    list[position + 1..].iter().all(|later| !later.src.contains(&array))
}

/// Lets the instruction that makes the new value of state variable `n` flush and store it.
fn store_directly(list: &mut [Instruction], uses: &mut Uses, root: &mut Src, n: u32) {
    let state = Src::State(n);
    let Some(p) = uses.only(*root) else { return };
    if !may_write(list, p, state) {
        return;
    }
    match (list[p].code, list[p].src) {
        (Code::Op(Op::Select(..)), src) if !src.contains(&state) => {
            list[p].code = Code::SelectFlush;
        }
        // A current that decays and receives: state = state * a + f32(accumulator) * b.
        (Code::MulAdd, [x, y, input]) if x == state || y == state => {
            let decay = if x == state { y } else { x };
            let Some(q) = uses.only(input) else { return };
            let [sum, scale, _] = list[q].src;
            let scalars = matches!((decay, scale), (Src::Scalar(_), Src::Scalar(_)));
            // The sum is now read later than before: it must not be an array that is stored to.
            let lasting = matches!(sum, Src::Accumulator(_) | Src::Value(_));
            if list[q].code != Code::ConvertMul || !scalars || !lasting {
                return;
            }
            list[p].code = Code::Receive;
            list[p].src = [decay, sum, scale];
            uses.gone[q] = true;
        }
        _ => return,
    }
    list[p].dst = Dst::State(n);
    *root = state;
}

/// Lets the instruction that makes the new value of a state variable that counts store it.
fn count_directly(list: &mut [Instruction], uses: &Uses, root: &mut Src, n: u32) {
    let state = Src::Integer(n);
    let Some(p) = uses.only(*root) else { return };
    let stored = matches!(list[p].dst, Dst::State(_) | Dst::Integer(_));
    if may_write(list, p, state) && !list[p].src.contains(&state) && !stored {
        list[p].dst = Dst::Integer(n);
        *root = state;
    }
}
