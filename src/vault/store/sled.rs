//! The working store in sled 0.34, in `store/<n>/`; the small file `store/current` says which number counts.
//!
//! sled panics, or silently forgets, when its files are damaged, and a left-over `snap.*.generating` keeps it shut for
//! good. So every call runs under `catch_unwind`; after a panic the store answers nothing but
//! [`StoreError::Damaged`], and the caller builds a fresh one beside it and promotes that. A lock that can't be had is
//! [`StoreError::InUse`] and never damage. sled does its own file I/O: this is the one place that can't go through
//! [`Disk`](crate::vault::disk::Disk).

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use super::{BlockStore, StoreError};
use crate::vault::disk::{Disk, RealDisk};

/// Bytes of pages that sled keeps in memory: the least it takes, for blocks are read once in order and later one by one
/// for a history. It counts a page of blocks by its pointer alone, and keeps one page in each of 256 shards in any case.
const CACHE: u64 = 256;
/// sled decides what leaves its cache after 64 looks at the pages of one of its 256 shards. A page holds at least eight
/// records unless it is one of few, so that with so many looks at each record one page of a shard pushes out the other.
const LOOKS: usize = 9;
/// The key of the record about the blocks; blocks have keys of eight bytes.
const META: &[u8] = b"meta";
/// The tree of the backs of blocks: pages of its own, which are not touched while blocks are read.
const BACKS: &str = "backs";
/// The file that says which store counts, and its longest sensible length.
const CURRENT: &str = "current";
const CURRENT_LIMIT: u64 = 16;
/// sled gives its lock back a moment after it was dropped.
const LOCK_TRIES: u32 = 20;
const LOCK_WAIT: Duration = Duration::from_millis(10);

/// An open sled store.
#[derive(Debug)]
pub struct SledStore {
    /// `None` only while it is being dropped.
    db: Option<Open>,
    /// `<vault>/store`.
    home: PathBuf,
    number: u64,
    broken: AtomicBool,
}

/// What is dropped together: sled's lock is gone when neither is left.
#[derive(Debug)]
struct Open {
    blocks: sled::Db,
    backs: sled::Tree,
}

impl SledStore {
    /// Opens the store that counts. [`StoreError::Missing`] and [`StoreError::Damaged`] call for
    /// [`SledStore::fresh_beside`].
    pub fn open(vault: &Path) -> Result<Self, StoreError> {
        let home = vault.join("store");
        let number = current(&home)?;
        let folder = home.join(number.to_string());
        // sled would make an empty store without a word.
        if !folder.join("db").is_file() {
            return Err(StoreError::Missing);
        }
        let names = RealDisk.list(&folder)?;
        if names.iter().any(|name| name.starts_with("snap.") && name.ends_with(".generating")) {
            return Err(StoreError::Damaged("it was cut short while it was opened".to_owned()));
        }
        let store = Self::open_number(home, number)?;
        // What could not be moved when this store was promoted, because it was still open.
        for older in numbers(&store.home).into_iter().filter(|older| *older < number) {
            let _ = fs::remove_dir_all(store.home.join(older.to_string()));
        }
        Ok(store)
    }

    /// Makes an empty store beside whatever is there; it counts from [`SledStore::promote`] on.
    pub fn fresh_beside(vault: &Path) -> Result<Self, StoreError> {
        let home = vault.join("store");
        RealDisk.create_folder_durably(&home)?;
        let highest = numbers(&home).last().copied().unwrap_or(0).max(current(&home).unwrap_or(0));
        let number = highest.checked_add(1).ok_or(StoreError::Io(io::ErrorKind::InvalidData))?;
        RealDisk.create_folder(&home.join(number.to_string()))?;
        Self::open_number(home, number)
    }

    /// The number of its folder.
    pub fn number(&self) -> u64 {
        self.number
    }

    fn open_number(home: PathBuf, number: u64) -> Result<Self, StoreError> {
        let folder = home.join(number.to_string());
        let open = || {
            let config = sled::Config::new().path(&folder).cache_capacity(CACHE).flush_every_ms(None);
            contained(|| {
                let blocks = config.open()?;
                Ok(Open { backs: blocks.open_tree(BACKS)?, blocks })
            })
        };
        let mut opened = open();
        for _ in 1..LOCK_TRIES {
            if opened.as_ref().err() != Some(&StoreError::InUse) {
                break;
            }
            sleep(LOCK_WAIT);
            opened = open();
        }
        Ok(Self { db: Some(opened?), home, number, broken: AtomicBool::new(false) })
    }

    /// Runs a piece of work inside sled.
    fn with<T>(&self, work: impl FnOnce(&Open) -> sled::Result<T>) -> Result<T, StoreError> {
        let Some(db) = self.db.as_ref().filter(|_| !self.broken.load(Ordering::Relaxed)) else {
            return Err(StoreError::Damaged("it failed before".to_owned()));
        };
        let result = contained(|| work(db));
        if let Err(StoreError::Damaged(_)) = result {
            self.broken.store(true, Ordering::Relaxed);
        }
        result
    }

    /// Walks through all records of the blocks; `visit` runs outside of what is contained, so its own panics stay its
    /// own.
    fn walk(&self, mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut records = self.with(|db| Ok(db.blocks.iter()))?;
        while let Some((key, value)) = self.with(|_| records.next().transpose())? {
            visit(&key, &value)?;
            drop(value);
            self.with(|db| pass(&db.blocks, &key))?;
        }
        Ok(())
    }

    fn read(&self, tree: impl FnOnce(&Open) -> &sled::Tree, block: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let key = block.to_be_bytes();
        self.with(|db| {
            let tree = tree(db);
            let found = tree.get(key)?.map(|bytes| bytes.to_vec());
            pass(tree, &key)?;
            Ok(found)
        })
    }
}

/// Lets what was read leave sled's cache, which would grow to the size of the store.
fn pass(tree: &sled::Tree, key: &[u8]) -> sled::Result<()> {
    (0..LOOKS).try_for_each(|_| tree.get(key).map(drop))
}

impl BlockStore for SledStore {
    fn put(&mut self, block: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.with(|db| db.blocks.insert(block.to_be_bytes(), bytes).map(drop))
    }

    fn get(&self, block: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|db| &db.blocks, block)
    }

    fn put_back(&mut self, block: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.with(|db| db.backs.insert(block.to_be_bytes(), bytes).map(drop))
    }

    fn back(&self, block: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|db| &db.backs, block)
    }

    fn for_each(&self, visit: &mut dyn FnMut(u64, &[u8])) -> Result<(), StoreError> {
        self.walk(|key, value| {
            match <[u8; 8]>::try_from(key) {
                Ok(block) => visit(u64::from_be_bytes(block), value),
                Err(_) if key == META => {}
                Err(_) => return Err(StoreError::Damaged("it holds a record of another kind".to_owned())),
            }
            Ok(())
        })
    }

    fn set_meta(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.with(|db| db.blocks.insert(META, bytes).map(drop))
    }

    fn meta(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(|db| db.blocks.get(META).map(|found| found.map(|bytes| bytes.to_vec())))
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.with(|db| db.blocks.flush().map(drop))?;
        // On Linux sled asks for no more than that writing begins.
        #[cfg(target_os = "linux")]
        fs::File::open(self.home.join(self.number.to_string()).join("db"))?.sync_data()?;
        Ok(())
    }

    /// Flushes, and makes this the store that counts. The others must be closed by now: they go to the `quarantine`
    /// folder if one is given, because they were damaged, and are deleted otherwise.
    fn promote(&mut self, quarantine: Option<&Path>) -> Result<(), StoreError> {
        self.flush()?;
        RealDisk.sync_folder(&self.home.join(self.number.to_string()))?;
        RealDisk.write_atomic(&self.home.join(CURRENT), format!("{}\n", self.number).as_bytes())?;
        for other in numbers(&self.home).into_iter().filter(|other| *other != self.number) {
            let folder = self.home.join(other.to_string());
            // What can't be moved now is deleted at the next opening: it is a copy of what the journal holds.
            match quarantine {
                Some(quarantine) => {
                    RealDisk.create_folder_durably(quarantine)?;
                    let _ = fs::rename(&folder, quarantine.join(format!("store-{other}")));
                }
                None => {
                    let _ = fs::remove_dir_all(&folder);
                }
            }
        }
        Ok(())
    }

    fn len(&self) -> Result<u64, StoreError> {
        let mut count = 0;
        self.for_each(&mut |_, _| count += 1)?;
        Ok(count)
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        let db = self.db.take();
        // Closing writes too, and a damaged store may panic over it.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(db)));
    }
}

/// Runs sled and turns its panics and errors into ours.
fn contained<T>(work: impl FnOnce() -> sled::Result<T>) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(translate),
        Err(_) => Err(StoreError::Damaged("sled stopped".to_owned())),
    }
}

fn translate(error: sled::Error) -> StoreError {
    match error {
        // sled gives no kind for this one.
        sled::Error::Io(error) if error.to_string().contains("could not acquire lock") => StoreError::InUse,
        sled::Error::Io(error) => match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
            // What sled makes up itself when bytes don't add up.
            io::ErrorKind::Other
            | io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::NotFound => StoreError::Damaged(error.kind().to_string()),
            kind => StoreError::Io(kind),
        },
        sled::Error::Corruption { .. } => StoreError::Damaged("sled found corruption".to_owned()),
        sled::Error::Unsupported(_) => StoreError::Damaged("its settings are not ours".to_owned()),
        sled::Error::CollectionNotFound(_) | sled::Error::ReportableBug(_) => {
            StoreError::Damaged("sled can't make sense of it".to_owned())
        }
    }
}

/// The number in the pointer file.
fn current(home: &Path) -> Result<u64, StoreError> {
    let unreadable = || StoreError::Damaged("it is not clear which copy counts".to_owned());
    let bytes = match RealDisk.read(&home.join(CURRENT), CURRENT_LIMIT) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(StoreError::Missing),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(unreadable()),
        Err(error) => return Err(error.into()),
    };
    let digits = std::str::from_utf8(&bytes).ok().and_then(|text| text.strip_suffix('\n')).unwrap_or_default();
    number(digits).ok_or_else(unreadable)
}

/// A folder's number, written as we write it and in no other way.
fn number(digits: &str) -> Option<u64> {
    let number = digits.parse().ok()?;
    (number > 0 && u64::to_string(&number) == digits).then_some(number)
}

/// The numbers of all stores, in order.
fn numbers(home: &Path) -> Vec<u64> {
    let names = RealDisk.list(home).unwrap_or_default();
    let mut numbers: Vec<u64> = names.iter().filter_map(|name| number(name)).collect();
    numbers.sort_unstable();
    numbers
}
