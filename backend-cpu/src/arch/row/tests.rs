//! Each instruction set against the plain loops of the baseline.

use super::{Kept, Pass, Trace};
use crate::arch::{Detected, Isa, LANES};
use isospike_core::base::numeric::decay::Decay;
use isospike_core::base::random::philox;

/// `count` numbers below `end`, drawn anew for each seed.
fn numbers(seed: u32, count: usize, end: u32) -> Vec<u32> {
    (0..count as u32).map(|n| philox([n, seed, 0, 0], [7, 8])[0] % end).collect()
}

/// Instruction sets of this machine, the baseline first.
fn available() -> Vec<Detected> {
    let available = Isa::ALL.into_iter().filter(|isa| isa.available());
    available.map(|isa| Detected::new(Some(isa)).unwrap()).collect()
}

/// Runs a test with each instruction set, for several lengths; all results must be equal.
fn all_equal<R: PartialEq + std::fmt::Debug>(test: impl Fn(Detected, usize) -> R) {
    for count in (0..70).chain([256, 1000]) {
        let results: Vec<R> = available().into_iter().map(|isa| test(isa, count)).collect();
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{count}: {results:?}");
    }
}

#[test]
fn words_are_gathered_and_scattered_within_their_table() {
    all_equal(|isa, count| {
        let (table, places) = (numbers(1, 90, u32::MAX), numbers(2, count, 100));
        let mut to = vec![7; count];
        Pass::Gather { from: &table, places: &places, to: &mut to }.run(isa);
        let expected = |place: &u32| table.get(*place as usize).copied().unwrap_or(0);
        assert_eq!(to, places.iter().map(expected).collect::<Vec<u32>>());

        let distinct: Vec<u32> = (0..count as u32).map(|n| n * 37 % 1009).collect();
        let mut scattered = vec![7; 900];
        Pass::Scatter { to: &mut scattered, places: &distinct, from: &to }.run(isa);
        for (place, word) in distinct.iter().zip(&to) {
            assert!(scattered.get(*place as usize).is_none_or(|written| written == word));
        }
        (to, scattered)
    });
}

#[test]
fn a_place_that_occurs_often_has_all_its_sums() {
    for (end, ascending) in [(3, true), (40, true), (4000, true), (40, false), (4000, false)] {
        all_equal(|isa, count| {
            let (mut places, from) = (numbers(3, count, end), numbers(4, count, u32::MAX));
            if ascending {
                places.sort_unstable();
            }
            let mut sums = vec![u32::MAX; 3990.min(end as usize)];
            Pass::Add { to: &mut sums, places: &places, from: &from }.run(isa);
            let sum = |words: &[u32]| words.iter().fold(0_u32, |sum, word| sum.wrapping_add(*word));
            let within = places.iter().zip(&from).filter(|(place, _)| (**place as usize) < 3990);
            let added = sum(&within.map(|(_, word)| *word).collect::<Vec<u32>>());
            assert_eq!(sum(&sums), added.wrapping_sub(sums.len() as u32));
            sums
        });
    }
}

#[test]
fn words_in_order_are_added_where_they_have_a_place() {
    all_equal(|isa, count| {
        let from = numbers(3, count, u32::MAX);
        let mut sums = vec![u32::MAX; 990];
        Pass::AddInOrder { to: &mut sums, from: &from }.run(isa);
        for (n, sum) in sums.iter().enumerate() {
            assert_eq!(*sum, from.get(n).unwrap_or(&0).wrapping_sub(1));
        }
        sums
    });
}

#[test]
fn a_list_keeps_what_is_above_a_limit() {
    all_equal(|isa, count| {
        let (table, places) = (numbers(5, 90, 10), numbers(6, count, 100));
        let list: Vec<u32> = (0..count as u32).map(|n| n * 3).collect();
        let mut kept = vec![vec![0; count.next_multiple_of(LANES)]; 3];
        let [numbers, kept_places, words] = &mut kept[..] else { unreachable!() };
        let room = Kept { numbers, places: kept_places, words };
        let (from, numbers) = (&*table, &*list);
        let left = Pass::Above { from, limit: 5, numbers, places: &places, kept: room }.run(isa);
        let all = list
            .iter()
            .zip(&places)
            .filter(|(_, place)| table.get(**place as usize).is_some_and(|word| *word > 5));
        assert_eq!(kept[0][..left], all.map(|(number, _)| *number).collect::<Vec<u32>>());
        kept.iter_mut().for_each(|list| list.truncate(left));
        kept
    });
}

#[test]
fn first_words_are_copied_and_second_ones_listed() {
    all_equal(|isa, count| {
        let words = numbers(5, 180, 10);
        let table: Vec<[u32; 2]> = words.chunks(2).map(|pair| [pair[0], pair[1]]).collect();
        let places = numbers(6, count, 100);
        let mut newest = vec![7; count];
        let mut lists = vec![vec![0; count.next_multiple_of(LANES)]; 3];
        let [numbers, kept_places, words] = &mut lists[..] else { unreachable!() };
        let kept = Kept { numbers, places: kept_places, words };
        let (from, places) = (&*table, &*places);
        let left = Pass::Newest { from, limit: 5, places, newest: &mut newest, kept }.run(isa);
        let pair = |place: u32| table.get(place as usize).copied().unwrap_or([0; 2]);
        assert!(newest.iter().zip(places).all(|(word, place)| *word == pair(*place)[0]));
        let second = |n: &u32| pair(places[*n as usize])[1] > 5;
        assert_eq!(lists[0][..left], (0..count as u32).filter(second).collect::<Vec<u32>>());
        lists.iter_mut().for_each(|list| list.truncate(left));
        (newest, lists)
    });
}

#[test]
fn words_of_events_are_chosen() {
    all_equal(|isa, count| {
        let (stamps, new, old) =
            (numbers(7, count, 10), numbers(8, count, 99), numbers(9, count, 99));
        let mut to = vec![0; count];
        let (stamps, new, old) = (&*stamps, &*new, &*old);
        Pass::Choose { stamps, limit: 4, new, old, to: &mut to }.run(isa);
        let chosen = |n: usize| if stamps[n] > 4 { new[n] } else { old[n] };
        assert_eq!(to, (0..count).map(chosen).collect::<Vec<u32>>());
        to
    });
}

#[test]
fn traces_decay_as_the_tables_have_it() {
    // Below 2^-63 nothing is left: 0.9 ms reaches that in 400 steps.
    for (tau_ms, longest) in [(20.0, 900), (20.0, 5000), (0.9, 1000), (1e6, 4200)] {
        let decay = Decay::new(tau_ms, 0.1);
        all_equal(|isa, count| {
            let (last, limit) = (1000, 1010);
            let ages = numbers(10, count, longest);
            let stamps: Vec<u32> = ages.iter().map(|age| 990 + age).collect();
            let decay = &decay;
            let trace = &Trace { last, before: 0.75, after: -1.25, limit, decay };
            let mut to = vec![0; count];
            let old = Pass::Decay { trace, stamps: &stamps, to: &mut to }.run(isa);
            let age = |stamp: &u32| if *stamp > limit { stamp - last } else { 0 };
            assert_eq!(old, stamps.iter().filter(|stamp| age(stamp) >= 4096).count());
            for (stamp, word) in stamps.iter().zip(&to) {
                let expected = match age(stamp) {
                    0 => 0.75,
                    old if old >= 4096 => continue,
                    age => decay.apply(-1.25, age),
                };
                assert_eq!(*word, expected.to_bits(), "{stamp}");
            }
            to
        });
    }
}
