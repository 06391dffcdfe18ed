package audit

import (
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"

	"asof/replay"
)

var errReport = errors.New("its report does not state the number of its events")

// Sample returns the proofs of n random events of a bundle, in the order of the
// bundle, and the number of events in it. The same seed and history give the same
// sample. An auditor who chooses the seed after the export is made cannot be given a
// hand-picked one.
func Sample(ctx context.Context, dir string, n int, seed string) (ps []*Proof, of int64, err error) {
	b, err := openBundle(dir)
	if err != nil {
		return nil, 0, err
	}
	if err := b.readReport(ctx); err != nil {
		return nil, 0, err
	}
	if b.report == nil {
		return nil, 0, b.broken(errReport)
	}
	drawn := draw(int64(n), b.report.exported, seed, hexOf(b.checkpoint.Root))
	ps, err = collect(ctx, dir, func(i int64, _ *replay.Event) bool { return drawn[i] })
	if err == nil && int64(len(ps)) != int64(len(drawn)) {
		err = b.broken(errReport)
	}
	return ps, b.report.exported, err
}

// draw picks n of the numbers below total, every set with the same probability
// (Floyd's algorithm). The random source is ChaCha8 seeded with the SHA-256 of seed
// and root.
func draw(n, total int64, seed, root string) map[int64]bool {
	r := rand.New(rand.NewChaCha8(sha256.Sum256([]byte("asof audit sample/1\n" + seed + "\n" + root))))
	out := map[int64]bool{}
	n = min(n, total)
	for j := total - n; j < total; j++ {
		k := r.Int64N(j + 1)
		if out[k] {
			k = j
		}
		out[k] = true
	}
	return out
}
