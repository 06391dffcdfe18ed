package table

import "asof/replay/store/cell"

// A Late is a part of the payload that few versions need, and that the row's next version
// may tell. It takes the place of the last of the [Layout].Parts.
type Late struct {
	Wanted func(parts []cell.Value) bool // whether the version with these parts needs it

	// Told returns the text from the first part of the row's next version.
	Told func(out []byte, next *cell.Value) []byte

	// SQL is the part over v alone, for versions without a next one, or whose next one comes too
	// late. In a [Layout], it selects the part for the row with a number, which is its parameter.
	SQL string
}
