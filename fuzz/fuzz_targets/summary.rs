#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| next_desktop::fuzzing::summary(bytes));
