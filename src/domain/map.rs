//! A map and a set in order. They are sorted lists: a tree is 5 KB of the program for each kind of entry, and those
//! that are kept here are small, or are filled in order or at once.

use std::borrow::Borrow;
use std::fmt::{Debug, Formatter};
use std::marker::PhantomData;
use std::ops::RangeBounds;
use std::{fmt, mem, slice, vec};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::order;

/// Values by their keys, in the order of the keys.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortedMap<K, V> {
    entries: Vec<(K, V)>,
}

/// Different items in their order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortedSet<T> {
    items: Vec<T>,
}

impl<K, V> SortedMap<K, V> {
    /// Nothing.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries.
    pub fn iter(&self) -> slice::Iter<'_, (K, V)> {
        self.entries.iter()
    }

    /// The keys.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The values.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(_, value)| value)
    }

    /// The values, to change them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// The keys alone.
    pub fn into_keys(self) -> impl DoubleEndedIterator<Item = K> + ExactSizeIterator {
        self.entries.into_iter().map(|(key, _)| key)
    }

    /// The values alone.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = V> + ExactSizeIterator {
        self.entries.into_iter().map(|(_, value)| value)
    }

    /// Keeps the entries that are wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(&K, &mut V) -> bool) {
        self.entries.retain_mut(|(key, value)| wanted(key, value));
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// Where the entry of a key is, or would be.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        match self.entries.last() {
            // Most are filled in order.
            Some((last, _)) if last.borrow() < key => Err(self.entries.len()),
            _ => self.entries.binary_search_by(|(other, _)| other.borrow().cmp(key)),
        }
    }

    /// A key's value.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(self.place(key).ok()?).map(|(_, value)| value)
    }

    /// A key's value, to change it.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        self.entries.get_mut(place).map(|(_, value)| value)
    }

    /// Whether there is an entry of a key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// Sets a key's value. Returns the one before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let place = self.place(&key);
        let old = place.ok().and_then(|at| self.entries.get_mut(at));
        match (old, place) {
            (Some((_, old)), _) => Some(mem::replace(old, value)),
            (None, Ok(at) | Err(at)) => {
                self.entries.insert(at, (key, value));
                None
            }
        }
    }

    /// Takes a key's value out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        Some(self.entries.remove(place).1)
    }

    /// A key's value, which is made where there is none.
    pub fn get_or(&mut self, key: K, new: impl FnOnce() -> V) -> &mut V {
        let at = self.place(&key).unwrap_or_else(|at| {
            self.entries.insert(at, (key, new()));
            at
        });
        #[expect(clippy::indexing_slicing, reason = "it is there, or was put there")]
        &mut self.entries[at].1
    }

    /// A key's value, which is made where there is none.
    pub fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.get_or(key, V::default)
    }

    /// The first entry.
    pub fn first(&self) -> Option<&(K, V)> {
        self.entries.first()
    }

    /// The entries whose keys lie in a range.
    pub fn range<Q: Ord + ?Sized>(&self, range: impl RangeBounds<Q>) -> slice::Iter<'_, (K, V)>
    where
        K: Borrow<Q>,
    {
        use std::ops::Bound::{Excluded, Included, Unbounded};
        let count =
            |is_before: &dyn Fn(&Q) -> bool| self.entries.partition_point(|(key, _)| is_before(key.borrow()));
        let begin = match range.start_bound() {
            Included(first) => count(&|key| key < first),
            Excluded(first) => count(&|key| key <= first),
            Unbounded => 0,
        };
        let end = match range.end_bound() {
            Included(last) => count(&|key| key <= last),
            Excluded(last) => count(&|key| key < last),
            Unbounded => self.entries.len(),
        };
        self.entries.get(begin..end).unwrap_or_default().iter()
    }
}

impl<K: Ord, V> SortedMap<K, Vec<V>> {
    /// What has the same key together, in the order in which it came.
    pub fn grouped(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut pairs = Vec::from_iter(pairs);
        order::sort_by(&mut pairs, |one, other| one.0.cmp(&other.0));
        let mut groups: Vec<(K, Vec<V>)> = Vec::new();
        for (key, value) in pairs {
            match groups.last_mut() {
                Some((last, group)) if *last == key => group.push(value),
                _ => groups.push((key, vec![value])),
            }
        }
        Self { entries: groups }
    }
}

impl<T> SortedSet<T> {
    /// Nothing.
    pub const fn new() -> Self {
        Self { items: Vec::new() }
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Keeps the items that are wanted.
    pub fn retain(&mut self, wanted: impl FnMut(&T) -> bool) {
        self.items.retain(wanted);
    }

    /// The first item.
    pub fn first(&self) -> Option<&T> {
        self.items.first()
    }

    /// The last item.
    pub fn last(&self) -> Option<&T> {
        self.items.last()
    }

    /// The items.
    pub fn iter(&self) -> slice::Iter<'_, T> {
        self.items.iter()
    }
}

impl<T: Ord> SortedSet<T> {
    /// Where an item is, or would be.
    fn place<Q: Ord + ?Sized>(&self, item: &Q) -> Result<usize, usize>
    where
        T: Borrow<Q>,
    {
        match self.items.last() {
            Some(last) if last.borrow() < item => Err(self.items.len()),
            _ => self.items.binary_search_by(|other| other.borrow().cmp(item)),
        }
    }

    /// Whether an item is in it.
    pub fn contains<Q: Ord + ?Sized>(&self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.place(item).is_ok()
    }

    /// Puts an item in. Returns whether it is new.
    pub fn insert(&mut self, item: T) -> bool {
        let new = self.place(&item).err();
        if let Some(at) = new {
            self.items.insert(at, item);
        }
        new.is_some()
    }

    /// Takes an item out. Returns whether it was there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.place(item).is_ok_and(|at| {
            self.items.remove(at);
            true
        })
    }
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Debug, V: Debug> Debug for SortedMap<K, V> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(key, value)| (key, value))).finish()
    }
}

impl<T: Debug> Debug for SortedSet<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Of a key that is there already, or several times, the last value stands.
impl<K: Ord, V> Extend<(K, V)> for SortedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.entries.extend(entries);
        order::sort_by(&mut self.entries, |one, other| one.0.cmp(&other.0));
        self.entries.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            if is_same {
                mem::swap(later, kept);
            }
            is_same
        });
    }
}

impl<T: Ord> Extend<T> for SortedSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        self.items.extend(items);
        order::sort(&mut self.items);
        self.items.dedup();
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<T: Ord> FromIterator<T> for SortedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut set = Self::new();
        set.extend(items);
        set
    }
}

impl<K: Serialize, V: Serialize> Serialize for SortedMap<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(key, value)| (key, value)))
    }
}

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Deserialize<'de> for SortedMap<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<K, V>(PhantomData<(K, V)>);
        impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Visitor<'de> for Entries<K, V> {
            type Value = SortedMap<K, V>;

            fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut found = SortedMap::new();
                while let Some((key, value)) = map.next_entry()? {
                    found.insert(key, value);
                }
                Ok(found)
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for SortedMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        Self::from_iter(entries)
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for SortedSet<T> {
    fn from(items: [T; N]) -> Self {
        Self::from_iter(items)
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a SortedMap<K, V> {
    type Item = &'a (K, V);
    type IntoIter = slice::Iter<'a, (K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl<T> IntoIterator for SortedSet<T> {
    type Item = T;
    type IntoIter = vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a SortedSet<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    type Change = (u8, Option<u16>);

    proptest! {
        #[test]
        fn a_map_holds_what_a_tree_does(
            first in prop::collection::vec((0u8..30, any::<u16>()), 0..40),
            changes in prop::collection::vec((0u8..30, any::<Option<u16>>()), 0..60),
            range in (0u8..30, 0u8..30),
        ) {
            let mut map: SortedMap<u8, u16> = first.iter().copied().collect();
            let mut tree: BTreeMap<u8, u16> = first.into_iter().collect();
            for (key, value) in changes as Vec<Change> {
                match value {
                    Some(value) if value % 3 == 0 => {
                        *map.get_or(key, || 7) ^= value;
                        *tree.entry(key).or_insert(7) ^= value;
                    }
                    Some(value) => prop_assert_eq!(map.insert(key, value), tree.insert(key, value)),
                    None => prop_assert_eq!(map.remove(&key), tree.remove(&key)),
                }
                prop_assert_eq!(map.get(&key), tree.get(&key));
            }
            let (from, to) = (range.0.min(range.1), range.0.max(range.1));
            prop_assert!(map.range(from..to).map(|(key, _)| key).eq(tree.range(from..to).map(|(key, _)| key)));
            prop_assert!(map.range(from..=to).map(|(key, _)| key).eq(tree.range(from..=to).map(|(key, _)| key)));
            prop_assert_eq!(map.first().map(|(key, value)| (key, value)), tree.first_key_value());
            prop_assert_eq!(Vec::from_iter(map), Vec::from_iter(tree));
        }

        #[test]
        fn a_set_holds_what_a_tree_does(
            first in prop::collection::vec(0u8..30, 0..40),
            changes in prop::collection::vec((0u8..30, any::<bool>()), 0..60),
        ) {
            let mut set: SortedSet<u8> = first.iter().copied().collect();
            let mut tree: BTreeSet<u8> = first.into_iter().collect();
            for (item, is_new) in changes {
                if is_new {
                    prop_assert_eq!(set.insert(item), tree.insert(item));
                } else {
                    prop_assert_eq!(set.remove(&item), tree.remove(&item));
                }
                prop_assert_eq!(set.contains(&item), tree.contains(&item));
            }
            prop_assert_eq!(Vec::from_iter(set), Vec::from_iter(tree));
        }
    }

    #[test]
    fn of_two_entries_of_a_key_the_later_stands() {
        let map = SortedMap::from([(2, 'a'), (1, 'b'), (2, 'c')]);
        assert_eq!(Vec::from_iter(map), [(1, 'b'), (2, 'c')]);
    }

    #[test]
    fn what_is_grouped_keeps_its_order() {
        let map = SortedMap::grouped([(2, 'a'), (1, 'b'), (2, 'c')]);
        assert_eq!(Vec::from_iter(map), [(1, vec!['b']), (2, vec!['a', 'c'])]);
    }
}
