package sqlite

import (
	"asof/replay"
	"asof/replay/store/source"
)

// Fingerprint identifies the database. A decrypted store has none, because its contents
// should not be cached in the clear.
func (r *Reader) Fingerprint() (replay.Fingerprint, bool) {
	return r.print, r.print.Store != ""
}

// fingerprint sets the identity of the store. content is the ContentID of its files, if
// it was the same before and after they were opened.
func (r *Reader) fingerprint(path, content string, o *source.Options) {
	if len(o.CipherKey) == 0 {
		r.print = replay.Fingerprint{Store: source.StoreID(path, r.info.Dialect, o), Path: path, Content: content}
	}
}
