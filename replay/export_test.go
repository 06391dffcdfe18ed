package replay

// SetHeldMost sets how many bytes of events a pass may hold back, and returns
// what it was.
func SetHeldMost(n int) int {
	was := maxHeld
	maxHeld = n
	return was
}
