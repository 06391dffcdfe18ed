// Package jsonfile reads files of JSON events: one event per line, an array of
// events, or an array inside an object, plain or compressed. A form describes how
// one event is written. The first pass checks the whole file and builds an index,
// and later questions read only the events they show.
package jsonfile
