//! Registers of a warp: one value for each of 32 lanes.

/// Lanes of a warp.
pub const WIDTH: usize = 32;

/// A 32-bit register, or a 16-bit one in the lower half, in every lane.
pub type Words = [u32; WIDTH];

/// A 64-bit register in every lane.
pub type Longs = [u64; WIDTH];

/// A predicate, or a set of lanes: bit `l` belongs to lane `l`.
pub type Mask = u32;

/// All lanes.
pub const ALL: Mask = Mask::MAX;

/// Gives the active lanes of `to` their value in `from`.
pub fn assign_words(to: &mut Words, from: &Words, active: Mask) {
    if active == ALL {
        *to = *from;
        return;
    }
    for lane in 0..WIDTH {
        let keep = (active >> lane & 1).wrapping_sub(1);
        to[lane] = to[lane] & keep | from[lane] & !keep;
    }
}

/// Gives the active lanes of `to` their value in `from`.
pub fn assign_longs(to: &mut Longs, from: &Longs, active: Mask) {
    if active == ALL {
        *to = *from;
        return;
    }
    for lane in 0..WIDTH {
        let keep = u64::from(active >> lane & 1).wrapping_sub(1);
        to[lane] = to[lane] & keep | from[lane] & !keep;
    }
}

/// The lanes in which a condition on their number holds.
pub fn mask_where(mut holds: impl FnMut(usize) -> bool) -> Mask {
    let mut mask = 0;
    for lane in 0..WIDTH {
        mask |= Mask::from(holds(lane)) << lane;
    }
    mask
}

/// The numbers of the lanes in a set, ascending.
pub fn lanes_of(mut mask: Mask) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lane = mask.trailing_zeros() as usize;
        mask &= mask.wrapping_sub(1);
        (lane < WIDTH).then_some(lane)
    })
}
