//! Putting things in order. The standard library's sort is made anew for each kind of item and each order, 4 KB
//! of the program each time. Here one sort of places serves them all.

use std::cmp::Ordering;

/// Sorts items into their own order. Equal ones keep theirs.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts items by a key of each. Those of equal keys keep their order.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |one, other| key(one).cmp(&key(other)));
}

/// Sorts items into an order. Equal ones keep theirs.
pub fn sort_by<T>(items: &mut [T], order: impl Fn(&T, &T) -> Ordering) {
    let swaps = swaps(items.len(), &|one, other| match (items.get(one), items.get(other)) {
        (Some(one), Some(other)) => order(one, other),
        _ => Ordering::Equal,
    });
    swap(items, &swaps);
}

#[inline(never)]
fn swap<T>(items: &mut [T], swaps: &[usize]) {
    for (place, other) in swaps.iter().enumerate() {
        items.swap(place, *other);
    }
}

/// What each place of so many is to be swapped with, one after the other, so that all come to stand in order.
#[inline(never)]
fn swaps(count: usize, order: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    // Much comes in order.
    if (1..count).all(|place| order(place - 1, place).is_le()) {
        return Vec::new();
    }
    let mut from: Vec<usize> = (0..count).collect();
    from.sort_by(|one, other| order(*one, *other));
    for place in 0..count {
        let next = |at: usize| from.get(at).copied().unwrap_or(place);
        // What stood at an earlier place is where that place's swap took it.
        let mut at = next(place);
        while at < place {
            at = next(at);
        }
        if let Some(swap) = from.get_mut(place) {
            *swap = at;
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn items_are_sorted_as_the_standard_library_does(
            items in prop::collection::vec((0u8..9, any::<u16>()), 0..200),
        ) {
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            let mut found = items.clone();
            sort_by_key(&mut found, |item| item.0);
            prop_assert_eq!(&found, &expected);

            expected.sort_unstable();
            sort(&mut found);
            prop_assert_eq!(found, expected);
        }
    }
}
