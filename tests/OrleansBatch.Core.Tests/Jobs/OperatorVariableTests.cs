using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Tests.Jobs;

public sealed class OperatorVariableTests
{
    public static TheoryData<Dictionary<string, string>?, string> Refused() => new()
    {
        { null, "variables is required" },
        { new() { [""] = "x" }, "variables: an environment variable needs a name" },
        { new() { ["A=B"] = "x" }, "variables: an environment variable needs a name" },
        { new() { ["A"] = "a\0b" }, "variables: the value of A must not contain a NUL character" },
        { new() { ["AWS_BATCH_X"] = "x" }, "the name AWS_BATCH_X begins with AWS_BATCH" },
        { Enumerable.Range(0, 101).ToDictionary(i => $"V{i}", _ => ""), "at most 100 are allowed, got 101" },
        { new() { ["A"] = new('x', 32_768) }, "names and values together may have 32768 characters, got 32769" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_set_is_refused_by_name_and_limit(Dictionary<string, string>? variables, string message) =>
        Assert.Contains(message, Assert.Throws<BatchClientException>(() => EnvironmentRules.CheckOperators(new() { Variables = variables })).Message);

    [Fact]
    public void Variables_come_in_the_order_of_their_names()
    {
        var environment = EnvironmentRules.CheckOperators(new() { Variables = new Dictionary<string, string> { ["b"] = "1", ["A"] = "2", ["a"] = "3" } });

        Assert.Equal([new("A", "2"), new("a", "3"), new("b", "1")], environment.Variables);
        Assert.Equal(["A", "a", "b"], EnvironmentRules.Names(environment).Names);
    }
}
