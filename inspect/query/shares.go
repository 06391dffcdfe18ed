package query

import (
	"errors"

	"asof/replay"
)

// mostShares bounds into how many shares the streams of a pass are divided.
const mostShares = 1 << 12

// halves passes on the last state of each stream of a pass until yield returns false. It
// folds one half of the streams and then the other, each halved again if its states do not
// fit in memory: the store is read once more for each. found is that of [DB.fold].
func (db *DB) halves(p passOf, found *members, yield func(*fact) bool) (more bool, err error) {
	i, of := max(p.share.Index, 1), max(p.share.Of, 1)
	for _, index := range []int{2*i - 1, 2 * i} {
		p.share = replay.Shard{Index: index, Of: 2 * of}
		all, err := db.fold(p, found)
		var size *SizeError
		switch {
		case errors.As(err, &size) && p.share.Of < mostShares:
			if more, err := db.halves(p, found, yield); !more || err != nil {
				return more, err
			}
			continue
		case err != nil:
			return false, err
		}
		for _, f := range all.order {
			if !yield(f) {
				db.held -= all.bytes
				return false, nil
			}
		}
		db.held -= all.bytes
	}
	return true, nil
}
