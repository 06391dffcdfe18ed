package storetest

import (
	"flag"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
)

var (
	full = flag.Bool("storetest.full", false, "ask every question of the conformance suite, also where a sample is the rule")
	seed = flag.Uint64("storetest.seed", 0, "draw the sample of questions that this number gives; 0: one that the name of the test gives")
)

// sampled reports whether the suite asks a sample of its questions.
func (c *Config) sampled() bool { return c.Sample > 0 && !*full }

// rand returns the source of what a check draws. It is the same for every run of a
// test, and another one for another test.
func (s *session) rand() *rand.Rand { return rand.New(rand.NewPCG(s.seed, 2)) }

// seedOf is the seed that a test draws with.
func seedOf(name string) uint64 {
	if *seed != 0 {
		return *seed
	}
	h := fnv.New64a()
	h.Write([]byte(strings.TrimSpace(name)))
	return h.Sum64()
}

// sample draws as many questions as the configuration asks for, in the order in which
// they are listed. It takes one of each kind before it takes a second of any, so that
// no kind is left to chance.
func sample[Q any](s *session, all []Q, kind func(Q) string) []Q {
	if !s.sampled() || len(all) <= s.Sample {
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
	drawn := append(first, more[:max(0, s.Sample-len(first))]...)
	slices.Sort(drawn)
	out := make([]Q, len(drawn))
	for i, at := range drawn {
		out[i] = all[at]
	}
	return out
}
