//! A disk of a few small files in memory, for the unit tests of keys and vault.toml.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::vault::disk::{Disk, DiskFile};

type Files = Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>;

#[derive(Debug, Default)]
pub struct MapDisk(Files);

impl MapDisk {
    /// Puts a file there as it is, or takes it away.
    pub fn put(&self, path: &str, bytes: Option<&[u8]>) {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match bytes {
            Some(bytes) => drop(files.insert(path.into(), bytes.to_vec())),
            None => drop(files.remove(Path::new(path))),
        }
    }

    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(Path::new(path)).cloned()
    }
}

#[derive(Debug)]
struct MapFile(Files, PathBuf);

impl MapFile {
    fn with<T>(&self, act: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        act(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(self.1.clone()).or_default())
    }
}

impl DiskFile for MapFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        self.with(|file| {
            file.resize(file.len().max(start + bytes.len()), 0);
            file[start..start + bytes.len()].copy_from_slice(bytes);
        });
        Ok(())
    }

    fn read_at(&mut self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        Ok(self.with(|file| file.iter().skip(start).take(len).copied().collect()))
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).map_err(io::Error::other)?;
        self.with(|file| file.resize(len, 0));
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.with(|file| file.len() as u64))
    }

    fn sync_data(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Disk for MapDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(path.into()).or_default();
        Ok(Box::new(MapFile(self.0.clone(), path.into())))
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = files.get(path).ok_or(io::ErrorKind::NotFound)?;
        if bytes.len() as u64 > limit { Err(io::ErrorKind::InvalidData.into()) } else { Ok(bytes.clone()) }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let inside = files.keys().filter(|path| path.parent() == Some(folder));
        Ok(inside.filter_map(|path| path.file_name()?.to_str().map(str::to_owned)).collect())
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(path)
    }

    fn create_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.into(), bytes);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
        Ok(())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}
