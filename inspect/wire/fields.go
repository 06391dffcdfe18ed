package wire

import (
	"reflect"
	"slices"
)

// cursorField is written whatever is selected: without it, the list could not be
// continued.
const cursorField = "cursor"

// RowFields are the members of the rows of an answer. An answer without rows has none.
func RowFields(answer string) (names []string) {
	for _, t := range rows[answer] {
		for _, f := range fieldsOf(t) {
			if f.name != cursorField && !slices.Contains(names, f.name) {
				names = append(names, f.name)
			}
		}
	}
	return names
}

// A Selection has the selected members of the rows of an answer.
type Selection struct{ enc encoding }

// Select selects members of the rows of an answer. They have to be [RowFields] of it.
func Select(answer string, names []string) *Selection {
	of := rows[answer]
	return &Selection{encoding{only: func(t reflect.Type, name string) bool {
		return name == cursorField || slices.Contains(names, name) || !slices.Contains(of, t)
	}}}
}
