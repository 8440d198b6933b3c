package jsonwire

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPowersOf5 compares each power of the table with 5^q: p units are not above it, and
// p+1 units are. Those from -27 to -1 are rounded up and have one unit more.
func TestPowersOf5(t *testing.T) {
	require.Equal(t, -342, minPower) // 2^64 times a smaller power of ten rounds to 0
	require.Equal(t, 308, maxPower)  // 1e309 is beyond any float64
	require.Len(t, powersOf5, 308+342+1)
	require.Len(t, powersOf5Low, 308+342+1)
	for q := minPower; q <= maxPower; q++ {
		p := new(big.Int).SetUint64(powersOf5[q-minPower])
		p.Lsh(p, 64).Or(p, new(big.Int).SetUint64(powersOf5Low[q-minPower]))
		require.Equal(t, 128, p.BitLen(), q)
		if -27 <= q && q < 0 {
			p.Sub(p, big.NewInt(1))
		}
		above := new(big.Int).Add(p, big.NewInt(1))
		// Both sides are multiplied by 5^-q where q is negative, and by a power of two.
		five := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(max(q, -q))), nil)
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
