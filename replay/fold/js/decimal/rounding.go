package decimal

// A Rounding says how what lies between two numbers is rounded.
type Rounding uint8

// HalfEven is how is rounded where nothing else is asked for.
const HalfEven Rounding = iota

const (
	halfUp Rounding = iota + 1
	halfDown
	up
	down
	ceiling
	floor
)

// Roundings are the ways to round, by the names scripts use.
var Roundings = map[string]Rounding{
	"half-even": HalfEven,
	"half-up":   halfUp,
	"half-down": halfDown,
	"up":        up,
	"down":      down,
	"ceiling":   ceiling,
	"floor":     floor,
}

// up reports whether a magnitude that was cut is rounded away from zero: some tells
// that there is a rest, half compares the rest with a half of what it is of.
func (r Rounding) up(some bool, half int, odd, negative bool) bool {
	switch r {
	case halfUp:
		return half >= 0
	case halfDown:
		return half > 0
	case up:
		return some
	case down:
		return false
	case ceiling:
		return some && !negative
	case floor:
		return some && negative
	}
	return half > 0 || half == 0 && odd
}
