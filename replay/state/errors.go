package state

import (
	"strconv"

	"asof/replay/fault"
)

// CycleError is a state that contains itself.
type CycleError struct{ Key string } // a key or index on the cycle

func (e *CycleError) Error() string {
	return "the state contains itself, through " + strconv.Quote(e.Key)
}

// Class returns [fault.Fold].
func (e *CycleError) Class() fault.Class { return fault.Fold }

// Fault returns [fault.KindFoldFailed].
func (*CycleError) Fault() fault.Kind { return fault.KindFoldFailed }

// Remedy returns nothing: the message says it all.
func (e *CycleError) Remedy() fault.Remedy { return fault.Remedy{} }

// A LimitError is a state that outgrows what asof can hold.
type LimitError struct{ Reason string }

func (e *LimitError) Error() string { return e.Reason }

// Class returns [fault.Fold].
func (e *LimitError) Class() fault.Class { return fault.Fold }

// Fault returns [fault.KindFoldFailed].
func (*LimitError) Fault() fault.Kind { return fault.KindFoldFailed }

// Remedy returns nothing: the message says it all.
func (e *LimitError) Remedy() fault.Remedy { return fault.Remedy{} }
