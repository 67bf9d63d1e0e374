//! One case, driven by keys.

use crate::testing::team;
use crate::tui::screens::cases::tests::{parish, runner};
use crate::vault::disk::MemoryDisk;

#[test]
fn look() {
    let session = crate::demo::build(team::place(&MemoryDisk::new(), 3), team::morning()).expect("the demo");
    let mut r = runner(session, 120, 36);
    println!("{}", r.screen());
    r.keys("b l");
    println!("{}", r.screen());
    r.resize(80, 24);
    println!("{}", r.screen());
    r.keys("b enter");
    for (w, h) in [(80, 24), (120, 36)] {
        r.resize(w, h);
        for _ in 0..5 {
            println!("{}", r.screen());
            r.keys("tab");
        }
    }
    let _ = parish;
}
