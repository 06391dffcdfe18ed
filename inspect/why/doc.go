// Package why tells where a value of the state comes from: the event that set it, what
// its handler read to do so, and who set that.
//
// The result of an event is the value at the path of the question, or of what the answer goes
// on with: all of a list or an object. A path with keys names an element wherever a test puts it;
// a path by index names whatever is there. If a later event moved the element, the result is at
// the index that it had after its own event. What is gone was removed by the last event that it
// was there before.
//
// A read is not an influence. Each input is put back to its value before the event that
// set it, the handler runs again for its one event, and the two results are compared.
// An input of the event itself has no earlier value, so it is left out instead. Only
// inputs that matter are part of the answer, and only their smallest parts: an object
// counts if none of its members does. An input is kept if it matters only as a part of the
// container of the question that the event left as it was.
//
// An input of a payload is followed through causation: if the event that caused this one has
// the same value in its payload, that event is named, and so on.
//
// [Ask] costs one fold of the history, which records the changes of each event, and then
// one event for each input. Origins are found in the recorded changes, from the end.
package why
