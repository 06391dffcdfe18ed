// Package quick runs the part of JavaScript that folds are mostly written in,
// straight on the state's tree.
//
// A function is compiled to closures once. It is not compiled at all if it holds
// anything that this package does not know. What it compiles, it runs as the
// language says or not at all: wherever a run meets something out of the ordinary
// (a value that JSON has no place for, a number that a double can't hold, a text
// that is not ASCII where that matters, what would throw), it gives up, what the
// event did is rolled back, and the whole engine runs the event from the start.
// So there is no error, no warning and no limit here that could differ from the
// engine's: they are the engine's.
//
// Its gain: an event of an ordinary cart fold takes 7.4 µs of processor time with
// it and 12.9 µs by the engine alone, the parsing of a payload of 220 bytes and the
// commit of the state included (1.7 times as fast), and 5 allocations instead of
// 24. That is the median user time of three runs of 300,000 events each, on one
// core: go test ./replay/fold/js -bench BenchmarkQuick -benchtime 300000x -cpu 1.
//
// Tests compare it with the engine: here on JSON alone, and in package js with all
// that a fold may meet.
//
// What is compiled must be self-contained: its names are its own, those of
// functions and constants at the script's top level, and the language's.
package quick
