package decimal

// A Rounding is a rounding mode.
type Rounding uint8

// HalfEven is the default mode.
const HalfEven Rounding = iota

const (
	halfUp Rounding = iota + 1
	halfDown
	up
	down
	ceiling
	floor
)

// Roundings are the modes by the names that scripts use.
var Roundings = map[string]Rounding{
	"half-even": HalfEven,
	"half-up":   halfUp,
	"half-down": halfDown,
	"up":        up,
	"down":      down,
	"ceiling":   ceiling,
	"floor":     floor,
}

// up reports whether a truncated magnitude is rounded away from zero. some says that
// there is a remainder; half compares the remainder with half a unit.
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
