package storetest

import (
	"flag"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
)

var (
	full = flag.Bool("storetest.full", false, "ask every question of the conformance suite, even where a sample is the default")
	seed = flag.Uint64("storetest.seed", 0, "seed for the sample of questions; 0: derived from the name of the test")
)

// sampled reports whether the suite asks a sample of its questions.
func (c *Config) sampled() bool { return c.Sample > 0 && !*full }

// rand returns the random source of a check. It is the same in every run of a test, and
// different between tests.
func (s *session) rand() *rand.Rand { return rand.New(rand.NewPCG(s.seed, 2)) }

// seedOf returns the seed of a test.
func seedOf(name string) uint64 {
	if *seed != 0 {
		return *seed
	}
	h := fnv.New64a()
	h.Write([]byte(strings.TrimSpace(name)))
	return h.Sum64()
}

// sample returns n of the questions if the suite asks a sample, in their original order. It
// takes one question of each kind before a second of any, so that no kind is missing.
func sample[Q any](s *session, all []Q, n int, kind func(Q) string) []Q {
	if !s.sampled() || len(all) <= n {
		return all
	}
	order := s.rand().Perm(len(all))
	seen := map[string]bool{}
	var first, more []int
	for _, i := range order {
		if k := kind(all[i]); !seen[k] {
			seen[k] = true
			first = append(first, i)
		} else {
			more = append(more, i)
		}
	}
	drawn := append(first, more[:max(0, n-len(first))]...)
	slices.Sort(drawn)
	out := make([]Q, len(drawn))
	for i, at := range drawn {
		out[i] = all[at]
	}
	return out
}
