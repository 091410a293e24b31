use crate::domain::Oid;

/// The numbers of ids: a hash table of positions in the list of ids, which is at least twice as long. An id
/// is a hash already, so its own first bytes say where it goes.
#[derive(Default)]
pub(super) struct Numbers {
    slots: Vec<u32>,
}

impl Numbers {
    /// The number of an id, and whether that is new; then the caller puts the id at the end of `ids`.
    pub(super) fn number(&mut self, id: Oid, ids: &[Oid]) -> (u32, bool) {
        if self.slots.len() < 2 * (ids.len() + 1) {
            self.grow(ids);
        }
        let mask = self.slots.len() - 1;
        let mut at = Self::first(id) & mask;
        while let Some(slot) = self.slots.get_mut(at) {
            if *slot == u32::MAX {
                *slot = u32::try_from(ids.len()).unwrap_or(u32::MAX);
                return (*slot, true);
            }
            if ids.get(*slot as usize) == Some(&id) {
                return (*slot, false);
            }
            at = (at + 1) & mask;
        }
        (u32::MAX, false)
    }

    fn grow(&mut self, ids: &[Oid]) {
        let size = (4 * (ids.len() + 1)).next_power_of_two().max(1024);
        self.slots.clear();
        self.slots.resize(size, u32::MAX);
        for (number, id) in (0..).zip(ids) {
            let mut at = Self::first(*id) & (size - 1);
            while let Some(slot) = self.slots.get_mut(at) {
                if *slot == u32::MAX {
                    *slot = number;
                    break;
                }
                at = (at + 1) & (size - 1);
            }
        }
    }

    fn first(id: Oid) -> usize {
        let head = id.as_bytes().first_chunk::<4>().copied().unwrap_or_default();
        u32::from_le_bytes(head) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_once() {
        let mut numbers = Numbers::default();
        let mut ids = Vec::new();
        let id = |n: u32| {
            let mut bytes = [0; 20];
            bytes[..4].copy_from_slice(&(n / 3).to_be_bytes());
            bytes[19] = u8::try_from(n % 3).unwrap();
            Oid::new(bytes)
        };
        for n in 0..5000 {
            assert_eq!(numbers.number(id(n), &ids), (n, true));
            ids.push(id(n));
            assert_eq!(numbers.number(id(n / 2), &ids), (n / 2, false));
        }
    }
}
