using System.Text;
using CsCheck;
using OrleansBatch.Storage.Listings;

namespace OrleansBatch.Storage.Tests.Listings;

public sealed class NamePrefixTests
{
    private static readonly string[] Characters = ["a", "b", "%", "_", "\u007f", "\ud7ff", "\ue000", "\uffff", "𝄞", "\U0010ffff"];

    private static readonly Gen<string> Texts = Gen.Int[0, Characters.Length - 1].Select(index => Characters[index])
        .Array[0, 4].Select(string.Concat);

    [Theory]
    [InlineData("ab", "ac")]
    [InlineData("a\ud7ff", "a\ue000")]
    [InlineData("a\U0010ffff", "b")]
    [InlineData("\U0010ffff", null)]
    [InlineData("", null)]
    public void The_bound_is_the_least_text_above(string prefix, string? expected) => Assert.Equal(expected, NamePrefix.UpperBound(prefix));

    [Fact]
    public void A_text_begins_so_exactly_when_it_lies_in_the_range() => Gen.Select(Texts, Texts).Sample((prefix, text) =>
    {
        var isInside = Compare(prefix, text) <= 0 && (NamePrefix.UpperBound(prefix) is not { } bound || Compare(text, bound) < 0);
        Assert.Equal(text.StartsWith(prefix, StringComparison.Ordinal), isInside);
    });

    private static int Compare(string left, string right) => Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));
}
