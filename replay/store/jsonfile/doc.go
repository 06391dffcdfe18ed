// Package jsonfile reads files of events in JSON: one event a line, or an array, or
// an array within an object, compressed or not. A form says how one event is
// written. The first pass checks the whole file and makes an index of it, so that
// later questions read no more than the events they show.
package jsonfile
