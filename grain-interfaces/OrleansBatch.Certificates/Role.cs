namespace OrleansBatch.Certificates;

/// <summary>What the holder of a certificate may be. It stands in the subject as the organizational unit.</summary>
/// <remarks>All certificates of a cluster come from one authority. Without this a node's would open the silos' own ports, behind which anything may be called.</remarks>
public enum Role
{
    /// <summary>A silo: to other silos, and to agents.</summary>
    Silo,

    /// <summary>The agent of one node.</summary>
    Node,

    /// <summary>A console, at an Orleans gateway.</summary>
    Client,
}

/// <summary>How roles stand in certificates.</summary>
public static class Roles
{
    /// <summary>The organizational unit.</summary>
    public static string UnitOf(Role role) => role switch
    {
        Role.Silo => "silo",
        Role.Node => "node",
        _ => "client",
    };
}
