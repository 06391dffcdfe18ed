package audit

import (
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"

	"asof/replay"
)

var errReport = errors.New("its report does not say how many events it has")

// Sample returns the proofs of n events of a bundle, drawn by chance, in the
// order of the bundle. The same seed draws the same from the same history; who
// chooses the seed after the export is made can't be given a chosen sample.
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

// draw picks n of the numbers below total, each set of them as likely as another
// (Floyd's algorithm), by ChaCha8 from the SHA-256 of seed and root.
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
