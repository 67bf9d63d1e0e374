#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    mahoe::testing::fuzz::parts(bytes);
});
