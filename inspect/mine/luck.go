package mine

import "math"

// MaxLuck is the maximum luck of a rule that is shown.
const MaxLuck = 0.05

// rate is the part of the streams that break a rule which is not one.
const rate = 0.1

// mostBroken is the inverse of the part of the streams that may break a rule.
const mostBroken = 20

// Luck returns the chance that no more than broken of the streams break a rule that every
// tenth stream breaks, if tried rules were tried. read is the number of streams that the
// rule itself was read from: any of them could have been chosen.
func Luck(streams, broken int64, read int, tried int64) float64 {
	n := float64(streams) - float64(read)
	if n <= 0 {
		return 1
	}
	sum := 0.0
	for k := 0.0; k <= float64(broken); k++ {
		sum += math.Exp(choose(n, k) + k*math.Log(rate) + (n-k)*math.Log(1-rate))
	}
	log := math.Log(sum) + choose(float64(streams), float64(read)) + math.Log(float64(max(tried, 1)))
	return math.Min(1, math.Exp(log))
}

func choose(n, k float64) float64 {
	if k > n {
		return math.Inf(-1)
	}
	a, _ := math.Lgamma(n + 1)
	b, _ := math.Lgamma(k + 1)
	c, _ := math.Lgamma(n - k + 1)
	return a - b - c
}
