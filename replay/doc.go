// Package replay is the model of an event store and the engine that folds it.
//
// In an event-sourced system the events are the truth and state is a fold over
// them. The package has three ideas:
//
//   - A [Reader] reads one store. It yields events in ascending order and returns
//     an error if it cannot reach the end: a silently truncated history is the worst
//     answer a debugging tool can give.
//   - A [Timeline] is an ordered run of events that questions are asked of. The
//     events of one stream are a timeline. The events that a projection takes from
//     many streams, in position order, are one too.
//   - A [Point] is a prefix of a timeline. Versions order; times only select: "as
//     of T" is the prefix that ends with the last event recorded at or before T,
//     never the events filtered by time, which may be a state that never was.
//
// The package does no I/O: stores are opened by replay/store, reducers are made
// by replay/fold, and the state they edit lives in replay/state.
package replay
