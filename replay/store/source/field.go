package source

import (
	"slices"
)

// A Field is a part of an event that a dialect stores separately.
type Field uint8

const (
	Stream Field = iota
	Version
	Position
	Category
	Type
	ID
	Time
	Revision
	Data
	Meta
	Actor
	Correlation
	Causation
	NumFields
)

// FieldNames lists the names of the fields, for mappings and messages.
var FieldNames = [NumFields]string{
	"stream", "version", "position", "category", "type", "id", "time", "revision",
	"data", "meta", "actor", "correlation", "causation",
}

// MapFields returns the fields that [Options].Map accepts. Stream and version are
// required.
func MapFields() []string { return slices.Clone(FieldNames[:]) }

// FieldSet is a set of columns.
type FieldSet uint16

// FieldsOf returns the set of the fields.
func FieldsOf(cs ...Field) FieldSet {
	var s FieldSet
	for _, c := range cs {
		s |= 1 << c
	}
	return s
}

// Has reports whether the field is in the set.
func (s FieldSet) Has(c Field) bool { return s&(1<<c) != 0 }
