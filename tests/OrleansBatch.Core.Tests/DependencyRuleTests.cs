using OrleansBatch.Core.Jobs;

namespace OrleansBatch.Core.Tests;

public sealed class DependencyRuleTests
{
    [Fact]
    public void Core_references_only_the_runtime_and_the_model() =>
        Assert.All(
            typeof(JobTransitions).Assembly.GetReferencedAssemblies(),
            reference => Assert.Matches(@"^(System\.|OrleansBatch\.Model$|Orleans\.Serialization\.Abstractions$)", reference.Name));
}
