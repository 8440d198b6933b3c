package main

import (
	"math/big"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTableIsUpToDate(t *testing.T) {
	want, err := generate()
	require.NoError(t, err)
	got, err := os.ReadFile("../float_table_gen.go")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "go generate ./internal/jsonwire")
}

// TestPower compares each power with 5^q: p units are not above it, and p+1 units are. Those
// from -27 to -1 are rounded up and have one unit more.
func TestPower(t *testing.T) {
	for q := minPower; q <= maxPower; q++ {
		p := power(q)
		require.Equal(t, 128, p.BitLen(), q)
		if -27 <= q && q < 0 {
			p.Sub(p, big.NewInt(1))
		}
		above := new(big.Int).Add(p, big.NewInt(1))
		// Both sides are multiplied by 5^-q where q is negative, and by a power of two.
		five := exp5(max(q, -q))
		unit, exact := big.NewInt(1), five
		if q < 0 {
			unit, exact = five, new(big.Int).Lsh(big.NewInt(1), uint(five.BitLen()+127))
		} else if n := five.BitLen(); n > 128 {
			unit = new(big.Int).Lsh(unit, uint(n-128))
		} else {
			exact = new(big.Int).Lsh(exact, uint(128-n))
		}
		require.LessOrEqual(t, p.Mul(p, unit).Cmp(exact), 0, q)
		require.Positive(t, above.Mul(above, unit).Cmp(exact), q)
	}
}
